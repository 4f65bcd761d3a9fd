#include "common/store/table_rows.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "common/digest/sha256.h"

namespace lumbar::store {
namespace {

// A value as it is bound or fetched: SOCI keeps pointers to both parts.
struct Cell {
  std::string text;
  soci::indicator indicator = soci::i_null;
};

std::string NamesOf(const std::vector<Column>& columns) {
  return absl::StrJoin(columns, ", ",
                       [](std::string* out, const Column& column) { absl::StrAppend(out, Quoted(column.name)); });
}

// Parameters are text, whatever the column: the engine is told what to make of them.
std::string Parameter(const Column& column, size_t number) {
  return absl::StrCat("CAST(:p", number, " AS ", column.is_number ? "BIGINT" : "TEXT", ")");
}

// "(CAST(:p6 AS TEXT), CAST(:p7 AS BIGINT))"
std::string Parameters(const std::vector<Column>& columns, size_t first) {
  std::vector<std::string> parameters;
  parameters.reserve(columns.size());
  for (const Column& column : columns) parameters.push_back(Parameter(column, first + parameters.size()));
  return absl::StrCat("(", absl::StrJoin(parameters, ", "), ")");
}

void Bind(soci::statement& statement, const Row& row, std::vector<Cell>& cells) {
  for (const auto& value : row) {
    Cell& cell = cells.emplace_back();
    if (value) cell = {*value, soci::i_ok};
    statement.exchange(soci::use(cell.text, cell.indicator));
  }
}

Row RowOf(const std::vector<Cell>& cells) {
  Row row;
  for (const Cell& cell : cells) {
    if (cell.indicator == soci::i_null) {
      row.emplace_back();
    } else {
      row.emplace_back(cell.text);
    }
  }
  return row;
}

}  // namespace

RowReader::RowReader(soci::session& session, const Table& table) : session_(session), table_(table) {
  for (const Column& column : table.key) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), column);
    key_.push_back(static_cast<size_t>(std::distance(table.columns.begin(), found)));
  }
}

std::string RowReader::Query() const {
  // Named apart from the columns: PostgreSQL would order by what is selected, by text, if it had the column's name.
  const auto as_text = [](std::string* out, const Column& column) {
    absl::StrAppend(out, "CAST(", Quoted(column.name), " AS TEXT) AS ", Quoted(absl::StrCat("text of ", column.name)));
  };
  const std::string key = NamesOf(table_.key);
  const std::string after = last_.empty() ? "" : absl::StrCat(" WHERE (", key, ") > ", Parameters(table_.key, 0));
  return absl::StrCat("SELECT ", absl::StrJoin(table_.columns, ", ", as_text), " FROM ", Quoted(table_.name), after,
                      " ORDER BY ", key, " LIMIT ", kRowsAtOnce);
}

std::vector<Row> RowReader::Next() {
  std::vector<Row> rows;
  if (ended_) return rows;
  soci::statement select(session_);
  std::vector<Cell> after;
  after.reserve(last_.size());
  std::vector<Cell> found(table_.columns.size());
  select.alloc();
  select.prepare(Query());
  Bind(select, last_, after);
  for (Cell& cell : found) select.exchange(soci::into(cell.text, cell.indicator));
  select.define_and_bind();
  select.execute();
  while (select.fetch()) rows.push_back(RowOf(found));
  ended_ = static_cast<int>(rows.size()) < kRowsAtOnce;
  if (!rows.empty()) {
    last_.clear();
    for (const size_t position : key_) last_.push_back(rows.back()[position]);
  }
  return rows;
}

void InsertRows(soci::session& session, const Table& table, const std::vector<Row>& rows) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < rows.size(); ++i) lines.push_back(Parameters(table.columns, i * table.columns.size()));
  soci::statement insert(session);
  std::vector<Cell> cells;
  cells.reserve(rows.size() * table.columns.size());
  insert.alloc();
  insert.prepare(absl::StrCat("INSERT INTO ", Quoted(table.name), " (", NamesOf(table.columns), ") VALUES ",
                              absl::StrJoin(lines, ", ")));
  for (const Row& row : rows) Bind(insert, row, cells);
  insert.define_and_bind();
  insert.execute(true);
}

void TableChecksum::Add(const Row& row) {
  // Lengths keep ("ab", "c") and ("a", "bc") apart.
  std::string bytes;
  for (const auto& value : row) {
    absl::StrAppend(&bytes, value ? absl::StrCat(value->size(), ":", *value) : std::string("-"), ",");
  }
  const std::string digest = Sha256(bytes);
  for (size_t i = 0; i < sum_.size(); ++i) {
    uint64_t part = 0;
    std::memcpy(&part, digest.data() + i * sizeof(part), sizeof(part));
    sum_[i] += part;
  }
  ++rows_;
}

std::string TableChecksum::Text() const {
  return absl::StrFormat("%016x%016x%016x%016x", sum_[0], sum_[1], sum_[2], sum_[3]);
}

}  // namespace lumbar::store
