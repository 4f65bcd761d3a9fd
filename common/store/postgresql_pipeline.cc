#include "common/store/postgresql_pipeline.h"

#include <absl/cleanup/cleanup.h>

#include <utility>

namespace lumbar::store {
namespace {

// Of class 08, connection exception: does not exist.
constexpr char kNotConnected[] = "08003";

[[noreturn]] void Fail(const char* sqlstate) {
  throw soci::postgresql_soci_error("statement failed", sqlstate != nullptr ? sqlstate : kNotConnected);
}

bool Enqueue(PGconn* connection, const PostgresqlPipeline::Call& call) {
  if (call.name.empty()) {
    return PQsendQueryParams(connection, call.sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
  }
  std::vector<const char*> values;
  for (const auto& value : call.values) values.push_back(value ? value->c_str() : nullptr);
  return PQsendQueryPrepared(connection, call.name.c_str(), static_cast<int>(values.size()), values.data(), nullptr,
                             nullptr, 0) == 1;
}

bool Succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

// The result of one statement, whose end is marked by a null.
PostgresqlResult Next(PGconn* connection) {
  PostgresqlResult result(PQgetResult(connection), PQclear);
  while (result != nullptr) {
    const PostgresqlResult end(PQgetResult(connection), PQclear);
    if (end == nullptr || PQstatus(connection) == CONNECTION_BAD) break;
  }
  return result;
}

}  // namespace

PostgresqlResult PostgresqlPipeline::Send(PGconn* connection) {
  const std::vector<Call> calls = std::exchange(waiting_, {});
  if (PQenterPipelineMode(connection) != 1) Fail(nullptr);
  const absl::Cleanup exit = [&] { PQexitPipelineMode(connection); };
  bool sent = true;
  for (const Call& call : calls) sent = sent && Enqueue(connection, call);
  if (!sent || PQpipelineSync(connection) != 1) Fail(nullptr);

  PostgresqlResult last(nullptr, PQclear), failed(nullptr, PQclear);
  for (size_t i = 0; i < calls.size(); ++i) {
    last = Next(connection);
    if (!Succeeded(last.get()) && failed == nullptr) failed = std::move(last);
  }
  // The mark of PQpipelineSync.
  const PostgresqlResult mark(PQgetResult(connection), PQclear);
  if (failed != nullptr) Fail(PQresultErrorField(failed.get(), PG_DIAG_SQLSTATE));
  // Lost on the way, which is no answer to the last: it may have run or not.
  if (last == nullptr || PQstatus(connection) == CONNECTION_BAD) Fail(nullptr);
  return last;
}

}  // namespace lumbar::store
