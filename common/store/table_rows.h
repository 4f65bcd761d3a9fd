// Any table's rows, read and written without knowing the table: for copying a database.
#pragma once

#include <soci/soci.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/store/schema.h"

namespace lumbar::store {

// One value for each column, numbers as text; nothing for NULL.
using Row = std::vector<std::optional<std::string>>;

// How many rows are in memory at a time, and in one statement. 200 rows of 13 columns stay far below the 32,766
// parameters that SQLite takes.
inline constexpr int kRowsAtOnce = 200;

// Reads all rows in the order of the primary key, some at a time. In one transaction that sees a snapshot.
class RowReader {
 public:
  // Both must outlive it.
  RowReader(soci::session& session, const Table& table);

  // Empty at the end. Throws what SOCI throws.
  std::vector<Row> Next();

 private:
  std::string Query() const;

  soci::session& session_;
  const Table& table_;
  // Where in a row the key's columns are.
  std::vector<size_t> key_;
  // The key of the last row read.
  Row last_;
  bool ended_ = false;
};

// Throws what SOCI throws.
void InsertRows(soci::session& session, const Table& table, const std::vector<Row>& rows);

// A checksum over rows in any order, since engines sort text differently: the sum of the rows' SHA-256, so that a row
// that is there twice counts twice. It finds mistakes, not forgers.
class TableChecksum {
 public:
  void Add(const Row& row);

  int64_t rows() const { return rows_; }
  // 64 hexadecimal digits.
  std::string Text() const;

  friend bool operator==(const TableChecksum&, const TableChecksum&) = default;

 private:
  std::array<uint64_t, 4> sum_ = {};
  int64_t rows_ = 0;
};

}  // namespace lumbar::store
