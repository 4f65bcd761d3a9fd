// What tables a database has, asked of the database itself: tools that treat every service's data alike need no list.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <soci/soci.h>

#include <string>
#include <vector>

namespace lumbar::store {

class Engine;

struct Column {
  std::string name;
  // BIGINT; otherwise TEXT. Migrations use no other type.
  bool is_number = false;

  friend bool operator==(const Column&, const Column&) = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  // The primary key, in its order; never empty.
  std::vector<Column> key;

  friend bool operator==(const Table&, const Table&) = default;
};

// Every table but those of the engine, by name, and a table that others refer to before them.
// FAILED_PRECONDITION/SCHEMA_STRANGE: a table without a primary key, a column of another type, or tables that refer to
// each other in a circle.
absl::StatusOr<std::vector<Table>> ReadSchema(soci::session& session, const Engine& engine);

// `name` as SQL writes it.
std::string Quoted(const std::string& name);

}  // namespace lumbar::store
