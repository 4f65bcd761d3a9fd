// Numbered SQL files that bring a database to the shape that the program expects.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/types/span.h>

#include <string_view>
#include <utility>

namespace lumbar::store {

// One owner's migrations: files 0001_name.sql, 0002_name.sql, ... without a gap, in order, as lumbar_embed makes them.
// Each owner counts for itself, so that shared tables and a service's own never collide. A file that was released
// never changes. Usage:
//   database->Migrate({IdempotencyMigrations(), {"booking", booking::sql::kEmbeddedFiles}}, clock)
struct Migrations {
  absl::string_view owner;
  absl::Span<const std::pair<std::string_view, std::string_view>> files;
};

}  // namespace lumbar::store
