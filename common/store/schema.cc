#include "common/store/schema.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/status/macros.h"
#include "common/store/engine.h"
#include "common/store/errors.h"

namespace lumbar::store {
namespace {

using TablesByName = std::map<std::string, Table>;
// For each table those that it refers to.
using References = std::map<std::string, std::set<std::string>>;

absl::StatusOr<TablesByName> ReadTables(soci::session& session, const Engine& engine) {
  TablesByName tables;
  std::map<std::string, std::map<int64_t, Column>> keys;
  std::string table;
  std::string column;
  std::string type;
  int64_t key_position = 0;
  soci::statement select = (session.prepare << engine.columns_query(), soci::into(table), soci::into(column),
                            soci::into(type), soci::into(key_position));
  select.execute();
  while (select.fetch()) {
    absl::AsciiStrToUpper(&type);
    if (type != "TEXT" && type != "BIGINT") return SchemaStrange(absl::StrCat(table, ".", column, " is a ", type));
    const Column found{column, type == "BIGINT"};
    tables[table].columns.push_back(found);
    if (key_position > 0) keys[table][key_position] = found;
  }
  for (auto& [name, found] : tables) {
    found.name = name;
    for (const auto& [position, key_column] : keys[name]) found.key.push_back(key_column);
    if (found.key.empty()) return SchemaStrange(absl::StrCat(name, " has no primary key"));
  }
  return tables;
}

References ReadReferences(soci::session& session, const Engine& engine) {
  References references;
  std::string table;
  std::string other;
  soci::statement select = (session.prepare << engine.references_query(), soci::into(table), soci::into(other));
  select.execute();
  while (select.fetch()) {
    if (other != table) references[table].insert(other);
  }
  return references;
}

}  // namespace

absl::StatusOr<std::vector<Table>> ReadSchema(soci::session& session, const Engine& engine) {
  LUMBAR_ASSIGN_OR_RETURN(TablesByName waiting, ReadTables(session, engine));
  const References references = ReadReferences(session, engine);
  std::vector<Table> ordered;
  while (!waiting.empty()) {
    const auto next = std::find_if(waiting.begin(), waiting.end(), [&](const auto& entry) {
      const auto others = references.find(entry.first);
      return others == references.end() || std::none_of(others->second.begin(), others->second.end(),
                                                        [&](const auto& other) { return waiting.count(other) > 0; });
    });
    if (next == waiting.end()) return SchemaStrange("tables refer to each other in a circle");
    ordered.push_back(std::move(next->second));
    waiting.erase(next);
  }
  return ordered;
}

std::string Quoted(const std::string& name) { return absl::StrCat("\"", name, "\""); }

}  // namespace lumbar::store
