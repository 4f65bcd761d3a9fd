// Statements that are sent in one go, on libpq's pipeline mode.
#pragma once

#include <libpq-fe.h>

#include <optional>
#include <string>
#include <vector>

#include "common/store/postgresql_session.h"

namespace lumbar::store {

// Not thread safe.
class PostgresqlPipeline {
 public:
  // One statement: a text without parameters, or the name of a prepared one and its parameters as text.
  struct Call {
    std::string sql;
    std::string name;
    std::vector<std::optional<std::string>> values;
  };

  bool empty() const { return waiting_.empty(); }
  void Add(Call call) { waiting_.push_back(std::move(call)); }
  void Clear() { waiting_.clear(); }
  // Sends all, and forgets them; returns the result of the last. Throws postgresql_soci_error for the first that
  // failed, whose followers were not run.
  PostgresqlResult Send(PGconn* connection);

 private:
  std::vector<Call> waiting_;
};

}  // namespace lumbar::store
