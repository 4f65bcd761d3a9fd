// Moves a service's data from one database to another, of any engine.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "common/store/database.h"

namespace lumbar::store {

struct CopiedTable {
  std::string name;
  int64_t rows = 0;
  // Of its rows in any order, the same on every engine.
  std::string checksum;
};

// Told after each batch; `done` rows of `table` of `all`. An error ends the copy with that error.
using CopyProgress = absl::FunctionRef<absl::Status(absl::string_view table, int64_t done, int64_t all)>;

// Copies every row of every table but the history of migrations, as the source is at one moment, and reads all of it
// back: the copy is whole and equal, or nothing is there. What is written to the source later is not copied. Both are
// migrated, and to the same migrations. The databases are opened with a busy_timeout as long as the copy may take.
// FAILED_PRECONDITION/SCHEMA_DIFFERENT: the two don't have the same tables.
// FAILED_PRECONDITION/TARGET_NOT_EMPTY: some table of the target has rows.
// DATA_LOSS/COPY_DIFFERENT: what was read back isn't what was written; nothing is kept.
absl::StatusOr<std::vector<CopiedTable>> CopyDatabase(Database& from, Database& to, CopyProgress progress);

}  // namespace lumbar::store
