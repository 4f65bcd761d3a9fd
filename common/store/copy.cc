#include "common/store/copy.h"

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/table_rows.h"

namespace lumbar::store {
namespace {

int64_t CountRows(soci::session& session, const Table& table) {
  int64_t rows = 0;
  session << "SELECT COUNT(*) FROM " << Quoted(table.name), soci::into(rows);
  return rows;
}

absl::Status CheckEmpty(soci::session& session, const std::vector<Table>& tables) {
  for (const Table& table : tables) {
    if (CountRows(session, table) > 0) return TargetNotEmpty(table.name);
  }
  return absl::OkStatus();
}

absl::StatusOr<TableChecksum> CopyTable(soci::session& source, soci::session& target, const Table& table,
                                        CopyProgress progress) {
  const int64_t all = CountRows(source, table);
  TableChecksum checksum;
  RowReader reader(source, table);
  for (std::vector<Row> rows = reader.Next(); !rows.empty(); rows = reader.Next()) {
    for (const Row& row : rows) checksum.Add(row);
    InsertRows(target, table, rows);
    LUMBAR_RETURN_IF_ERROR(progress(table.name, checksum.rows(), all));
  }
  return checksum;
}

TableChecksum ReadBack(soci::session& session, const Table& table) {
  TableChecksum checksum;
  RowReader reader(session, table);
  for (std::vector<Row> rows = reader.Next(); !rows.empty(); rows = reader.Next()) {
    for (const Row& row : rows) checksum.Add(row);
  }
  return checksum;
}

// Each table is read back right after it was written, so that neither connection is idle for longer than that takes:
// the source's server must put up with it, as one does that was opened with a patience as long as copy.h asks for.
absl::StatusOr<std::vector<CopiedTable>> CopyTables(soci::session& source, soci::session& target,
                                                    const std::vector<Table>& tables, CopyProgress progress) {
  std::vector<CopiedTable> copied;
  for (const Table& table : tables) {
    LUMBAR_ASSIGN_OR_RETURN(const TableChecksum wanted, CopyTable(source, target, table, progress));
    if (ReadBack(target, table) != wanted) return CopyDifferent(table.name);
    copied.push_back({table.name, wanted.rows(), wanted.Text()});
  }
  return copied;
}

absl::StatusOr<std::vector<Table>> TablesOf(Database& database) {
  LUMBAR_ASSIGN_OR_RETURN(std::vector<Table> tables, database.Schema());
  const auto is_history = [](const Table& table) { return table.name == kHistoryTable; };
  tables.erase(std::remove_if(tables.begin(), tables.end(), is_history), tables.end());
  return tables;
}

}  // namespace

absl::StatusOr<std::vector<CopiedTable>> CopyDatabase(Database& from, Database& to, CopyProgress progress) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<Table> tables, TablesOf(from));
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<Table> wanted, TablesOf(to));
  if (tables != wanted) return SchemaDifferent();
  using Copied = absl::StatusOr<std::vector<CopiedTable>>;
  return from.Read([&](soci::session& source) -> Copied {
    return to.Write([&](soci::session& target) -> Copied {
      LUMBAR_RETURN_IF_ERROR(CheckEmpty(target, tables));
      return CopyTables(source, target, tables, progress);
    });
  });
}

}  // namespace lumbar::store
