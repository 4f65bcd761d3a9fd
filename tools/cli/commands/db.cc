// For whoever runs the databases: what state one is in, and bringing it up to date.
#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/time/proto_time.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/databases.h"
#include "tools/cli/commands/db_commands.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

using store::MigrationState;

struct TableSize {
  std::string name;
  int64_t rows = 0;
};

struct Report {
  std::vector<store::MigrationStatus> migrations;
  std::vector<TableSize> tables;

  bool up_to_date() const {
    return std::all_of(migrations.begin(), migrations.end(),
                       [](const auto& migration) { return migration.state == MigrationState::kApplied; });
  }
  // Another service's, or of another program.
  bool is_foreign() const {
    return std::any_of(migrations.begin(), migrations.end(), [](const auto& migration) {
      return migration.state == MigrationState::kUnknown || migration.state == MigrationState::kChanged;
    });
  }
};

std::string StateName(MigrationState state) {
  switch (state) {
    case MigrationState::kApplied:
      return "applied";
    case MigrationState::kPending:
      return "pending";
    case MigrationState::kChanged:
      return "changed";
    case MigrationState::kUnknown:
      break;
  }
  return "unknown";
}

absl::StatusOr<std::vector<TableSize>> SizesOf(store::Database& database) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<store::Table> tables, database.Schema());
  return database.Read([&](soci::session& session) -> absl::StatusOr<std::vector<TableSize>> {
    std::vector<TableSize> sizes;
    for (const store::Table& table : tables) {
      TableSize& size = sizes.emplace_back(TableSize{table.name});
      session << "SELECT COUNT(*) FROM " << store::Quoted(table.name), soci::into(size.rows);
    }
    std::sort(sizes.begin(), sizes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return sizes;
  });
}

absl::StatusOr<Report> ReportOn(store::Database& database, const std::string& service) {
  Report report;
  LUMBAR_ASSIGN_OR_RETURN(report.migrations, database.History(MigrationsOf(service)));
  LUMBAR_ASSIGN_OR_RETURN(report.tables, SizesOf(database));
  return report;
}

nlohmann::ordered_json JsonOf(const Report& report, const std::string& service) {
  auto migrations = nlohmann::ordered_json::array();
  for (const auto& migration : report.migrations) {
    migrations.push_back({{"owner", migration.owner},
                          {"number", migration.number},
                          {"name", migration.name},
                          {"state", StateName(migration.state)}});
    if (migration.applied) migrations.back()["applyTime"] = UtcTime(ToProtoTime(*migration.applied));
  }
  auto tables = nlohmann::ordered_json::array();
  for (const auto& table : report.tables) tables.push_back({{"name", table.name}, {"rows", table.rows}});
  return {{"service", service}, {"upToDate", report.up_to_date()}, {"migrations", migrations}, {"tables", tables}};
}

std::string TextOf(const Report& report, const std::string& service) {
  std::vector<std::vector<std::string>> migrations = {{"MIGRATION", "STATE", "APPLIED (UTC)"}};
  for (const auto& migration : report.migrations) {
    migrations.push_back({absl::StrCat(migration.owner, "/", migration.name), StateName(migration.state),
                          migration.applied ? UtcTime(ToProtoTime(*migration.applied)) : ""});
  }
  std::vector<std::vector<std::string>> tables = {{"TABLE", "ROWS"}};
  for (const auto& table : report.tables) tables.push_back({table.name, absl::StrCat(table.rows)});
  return absl::StrCat(service, ": ",
                      report.up_to_date()   ? "up to date"
                      : report.is_foreign() ? "another service's or another program's"
                                            : "not up to date",
                      "\n\n", Table(migrations), report.tables.empty() ? "" : absl::StrCat("\n", Table(tables)));
}

absl::StatusOr<ExitCode> Print(store::Database& database, const std::string& service, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const Report report, ReportOn(database, service));
  session.world.out << (session.flags.json ? JsonOf(report, service).dump() + "\n" : TextOf(report, service));
  return report.is_foreign() ? ExitCode::kRefused : ExitCode::kOk;
}

CLI::Option* AddUrl(CLI::App& command, const char* flag, std::string& url, const char* meaning) {
  return command.add_option(flag, url, meaning)->required()->type_name("URL");
}

}  // namespace

absl::StatusOr<ExitCode> ShowDatabase(const DbFlags& flags, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({.url = flags.database, .must_exist = true}));
  return Print(*database, flags.service, session);
}

absl::StatusOr<ExitCode> MigrateDatabase(const DbFlags& flags, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({.url = flags.database}));
  LUMBAR_RETURN_IF_ERROR(database->Migrate(MigrationsOf(flags.service), session.world.clock));
  return Print(*database, flags.service, session);
}

void AddDb(CLI::App& app, Session& session) {
  auto* db = app.add_subcommand("db", "Looks after a service's database; needs no server");
  db->require_subcommand(1);
  const auto flags = std::make_shared<DbFlags>();
  using Command = absl::StatusOr<ExitCode> (*)(const DbFlags&, const Session&);
  const auto add = [&](const char* name, const char* about, Command run) {
    auto* command = db->add_subcommand(name, about);
    command->add_option("--service", flags->service, "whose data it is")
        ->required()
        ->check(CLI::IsMember(StoredServices()));
    command->callback(
        [flags, &session, run] { session.command = [flags, &session, run] { return run(*flags, session); }; });
    return command;
  };
  constexpr char kUrl[] = "sqlite:///folder/file.db or postgresql://user@host/database (password: PGPASSFILE)";
  auto* status = add("status", "Shows which migrations are applied, and how many rows each table has", ShowDatabase);
  AddUrl(*status, "--database", flags->database, kUrl)->envname("LUMBAR_DATABASE");
  auto* migrate = add("migrate", "Brings the tables up to date, as the service does when it starts", MigrateDatabase);
  AddUrl(*migrate, "--database", flags->database, kUrl)->envname("LUMBAR_DATABASE");
  auto* copy =
      add("copy", "Copies all data into an empty database, and checks the copy; stop the service first", CopyDatabases);
  AddUrl(*copy, "--from", flags->from, kUrl);
  AddUrl(*copy, "--to", flags->to, kUrl);
}

}  // namespace lumbar::cli
