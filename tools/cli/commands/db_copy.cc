// For the day on which a clinic outgrows one machine: its data moves to another database.
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>

#include <ostream>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/copy.h"
#include "tools/cli/commands/databases.h"
#include "tools/cli/commands/db_commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

// The longest that one of the copy's statements may take, and a quarter of the longest copy.
constexpr absl::Duration kPatience = absl::Minutes(15);

absl::StatusOr<std::unique_ptr<store::Database>> OpenFor(const std::string& url, bool must_exist) {
  // With the usual patience first, which is what a wrong address deserves.
  LUMBAR_RETURN_IF_ERROR(store::Database::Open({.url = url, .must_exist = must_exist}).status());
  return store::Database::Open({.url = url, .busy_timeout = kPatience, .must_exist = must_exist});
}

// A source that isn't up to date is left alone: whether to change it is its owner's decision.
absl::Status CheckSource(store::Database& from, const DbFlags& flags) {
  LUMBAR_ASSIGN_OR_RETURN(const auto history, from.History(MigrationsOf(flags.service)));
  for (const auto& migration : history) {
    if (migration.state != store::MigrationState::kApplied) {
      return SourceNotCurrent(absl::StrCat(migration.owner, "/", migration.name), flags.service);
    }
  }
  return absl::OkStatus();
}

std::string TextOf(const std::vector<store::CopiedTable>& copied) {
  std::vector<std::vector<std::string>> rows = {{"TABLE", "ROWS", "CHECKSUM, THE SAME IN BOTH"}};
  for (const auto& table : copied) rows.push_back({table.name, absl::StrCat(table.rows), table.checksum});
  return Table(rows);
}

std::string JsonOf(const std::vector<store::CopiedTable>& copied, const std::string& service) {
  auto tables = nlohmann::ordered_json::array();
  for (const auto& table : copied) {
    tables.push_back({{"name", table.name}, {"rows", table.rows}, {"checksum", table.checksum}});
  }
  return nlohmann::ordered_json({{"service", service}, {"tables", tables}}).dump() + "\n";
}

// One line that is written over and over; nothing where nobody watches.
absl::Status ShowProgress(const Session& session, absl::string_view table, int64_t done, int64_t all) {
  if (session.world.err_is_terminal) {
    session.world.err << "\r\x1b[K" << table << ": " << done << " of " << all << " rows" << std::flush;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<store::CopiedTable>> Copy(const DbFlags& flags, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const auto from, OpenFor(flags.from, /*must_exist=*/true));
  LUMBAR_RETURN_IF_ERROR(CheckSource(*from, flags));
  LUMBAR_ASSIGN_OR_RETURN(const auto to, OpenFor(flags.to, /*must_exist=*/false));
  LUMBAR_RETURN_IF_ERROR(to->Migrate(MigrationsOf(flags.service), session.world.clock));
  return store::CopyDatabase(*from, *to, [&](absl::string_view table, int64_t done, int64_t all) {
    return ShowProgress(session, table, done, all);
  });
}

}  // namespace

absl::StatusOr<ExitCode> CopyDatabases(const DbFlags& flags, const Session& session) {
  if (flags.from == flags.to) return WrongInput("--from and --to are the same database");
  const auto copied = Copy(flags, session);
  if (session.world.err_is_terminal) session.world.err << "\r\x1b[K" << std::flush;
  if (!copied.ok()) {
    session.world.err << (ReasonOf(copied.status()) == "COMMIT_UNKNOWN"
                              ? "Whether the copy was kept is unknown: `lumbar db status` on --to tells. If it has no "
                                "rows, run this again.\n"
                              : "Nothing was copied, and --from is as it was. Mend what is said below, then run this "
                                "again.\n");
    return copied.status();
  }
  session.world.out << (session.flags.json ? JsonOf(*copied, flags.service) : TextOf(*copied));
  return ExitCode::kOk;
}

}  // namespace lumbar::cli
