// Numbered SQL files that bring a database to the shape that the program expects.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lumbar::store {

// One owner's migrations: files 0001_name.sql, 0002_name.sql, ... without a gap, in order, as lumbar_embed makes them.
// Each owner counts for itself, so that shared tables and a service's own never collide. A file that was released
// never changes. The lines after "-- engine: sqlite" or "-- engine: postgresql" are for that engine alone, until the
// next such line; "every" is for every engine. Only an index may differ: the tables are the same, or nothing could be
// copied. Usage:
//   database->Migrate({IdempotencyMigrations(), {"booking", booking::sql::kEmbeddedFiles}}, clock)
struct Migrations {
  absl::string_view owner;
  absl::Span<const std::pair<std::string_view, std::string_view>> files;
};

// Which migrations were applied when; beside the data, and no part of it.
inline constexpr char kHistoryTable[] = "schema_migration";

enum class MigrationState {
  kApplied,
  kPending,
  // Applied, and not known to this program: SCHEMA_NEWER.
  kUnknown,
  // Applied with another text than this program's: SCHEMA_CHANGED.
  kChanged,
};

struct MigrationStatus {
  std::string owner;
  int64_t number = 0;
  // Of the file, "0001_name.sql".
  std::string name;
  MigrationState state = MigrationState::kPending;
  std::optional<absl::Time> applied = std::nullopt;
};

}  // namespace lumbar::store
