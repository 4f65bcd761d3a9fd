#include "common/store/migrations.h"

#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "common/digest/sha256.h"
#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"

namespace lumbar::store {
namespace {

constexpr absl::string_view kEveryEngine = "every";

constexpr char kMakeHistory[] = R"sql(
  CREATE TABLE IF NOT EXISTS schema_migration (
    owner TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    apply_time BIGINT NOT NULL,
    PRIMARY KEY (owner, number)
  )
)sql";

struct Migration {
  std::string owner;
  int64_t number = 0;
  std::string name;
  std::string sql;
  std::string sha256;
};

std::string Label(absl::string_view owner, absl::string_view name) { return absl::StrCat(owner, "/", name); }

absl::StatusOr<std::vector<Migration>> Parse(absl::Span<const Migrations> wanted) {
  std::vector<Migration> parsed;
  for (const Migrations& set : wanted) {
    int64_t expected = 0;
    for (const auto& [file, text] : set.files) {
      const std::string name(file);
      int64_t number = 0;
      const bool numbered = name.size() > 5 && name[4] == '_' && absl::SimpleAtoi(name.substr(0, 4), &number);
      if (!numbered || number != ++expected) return MigrationName(Label(set.owner, name));
      std::string sql(text);
      std::string digest = absl::BytesToHexString(Sha256(sql));
      parsed.push_back({std::string(set.owner), number, name, std::move(sql), std::move(digest)});
    }
  }
  return parsed;
}

// The lines of `sql` that are for `engine`.
std::string SqlFor(absl::string_view sql, absl::string_view engine) {
  std::vector<absl::string_view> chosen;
  absl::string_view section = kEveryEngine;
  for (const absl::string_view line : absl::StrSplit(sql, '\n')) {
    absl::string_view named = line;
    if (absl::ConsumePrefix(&named, "-- engine: ")) section = named;
    if (section == kEveryEngine || section == engine) chosen.push_back(line);
  }
  return absl::StrJoin(chosen, "\n");
}

absl::Status RefuseUnknown(soci::session& session, const std::vector<Migration>& known) {
  Migration row;
  soci::statement select =
      (session.prepare << "SELECT owner, number, name FROM schema_migration ORDER BY owner, number",
       soci::into(row.owner), soci::into(row.number), soci::into(row.name));
  select.execute();
  while (select.fetch()) {
    const auto same = [&](const Migration& one) { return one.owner == row.owner && one.number == row.number; };
    if (std::none_of(known.begin(), known.end(), same)) return SchemaNewer(Label(row.owner, row.name));
  }
  return absl::OkStatus();
}

// Looks and applies in one write transaction, so that of two processes that start at once only one applies.
absl::Status ApplyOnce(soci::session& session, const Engine& engine, const Migration& migration, const Clock& clock) {
  engine.LockSchema(session);
  std::string applied;
  session << "SELECT sha256 FROM schema_migration WHERE owner = :owner AND number = :number", soci::into(applied),
      soci::use(migration.owner), soci::use(migration.number);
  if (session.got_data()) {
    return applied == migration.sha256 ? absl::OkStatus() : SchemaChanged(Label(migration.owner, migration.name));
  }
  engine.RunScript(session, SqlFor(migration.sql, engine.name()));
  const int64_t now = Micros(clock.Now());
  session << "INSERT INTO schema_migration (owner, number, name, sha256, apply_time) VALUES (:o, :n, :name, :s, :t)",
      soci::use(migration.owner), soci::use(migration.number), soci::use(migration.name), soci::use(migration.sha256),
      soci::use(now);
  return absl::OkStatus();
}

struct AppliedMigration {
  MigrationStatus status;
  std::string sha256;
};

std::vector<AppliedMigration> ReadHistory(soci::session& session) {
  std::vector<AppliedMigration> applied;
  AppliedMigration row;
  int64_t micros = 0;
  row.status.state = MigrationState::kUnknown;
  soci::statement select = (session.prepare << "SELECT owner, number, name, sha256, apply_time FROM schema_migration",
                            soci::into(row.status.owner), soci::into(row.status.number), soci::into(row.status.name),
                            soci::into(row.sha256), soci::into(micros));
  select.execute();
  while (select.fetch()) {
    row.status.applied = absl::FromUnixMicros(micros);
    applied.push_back(row);
  }
  return applied;
}

// What is wanted beside what was applied.
std::vector<MigrationStatus> Compare(const std::vector<Migration>& known, std::vector<AppliedMigration> applied) {
  std::map<std::pair<std::string, int64_t>, MigrationStatus> all;
  std::map<std::pair<std::string, int64_t>, std::string> digests;
  for (AppliedMigration& one : applied) {
    const std::pair key(one.status.owner, one.status.number);
    digests[key] = std::move(one.sha256);
    all[key] = std::move(one.status);
  }
  for (const Migration& wanted : known) {
    const auto [found, is_new] =
        all.try_emplace({wanted.owner, wanted.number}, MigrationStatus{wanted.owner, wanted.number, wanted.name});
    if (is_new) continue;
    const bool same = digests[found->first] == wanted.sha256;
    found->second.state = same ? MigrationState::kApplied : MigrationState::kChanged;
  }
  std::vector<MigrationStatus> list;
  list.reserve(all.size());
  for (auto& [key, status] : all) list.push_back(std::move(status));
  return list;
}

}  // namespace

absl::StatusOr<std::vector<MigrationStatus>> Database::History(absl::Span<const Migrations> wanted) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<Migration> known, Parse(wanted));
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<Table> tables, Schema());
  const bool begun =
      std::any_of(tables.begin(), tables.end(), [](const Table& table) { return table.name == kHistoryTable; });
  if (!begun) return Compare(known, {});
  return Read([&](soci::session& session) -> absl::StatusOr<std::vector<MigrationStatus>> {
    return Compare(known, ReadHistory(session));
  });
}

absl::Status Database::Migrate(absl::Span<const Migrations> wanted, const Clock& clock) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<Migration> known, Parse(wanted));
  LUMBAR_RETURN_IF_ERROR(Write([&](soci::session& session) {
    engine_->LockSchema(session);
    engine_->RunScript(session, kMakeHistory);
    return RefuseUnknown(session, known);
  }));
  for (const Migration& migration : known) {
    LUMBAR_RETURN_IF_ERROR(
        Write([&](soci::session& session) { return ApplyOnce(session, *engine_, migration, clock); }));
  }
  return absl::OkStatus();
}

}  // namespace lumbar::store
