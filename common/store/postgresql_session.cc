#include "common/store/postgresql_session.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>
#include <libpq-fe.h>

#include <memory>
#include <string>

#include "common/store/soci_forwarding.h"

namespace lumbar::store {
namespace {

// More texts than any program has; those beyond are parsed each time.
constexpr size_t kMostKept = 256;
// Of class 08, connection exception: does not exist.
constexpr char kNotConnected[] = "08003";

class Session final : public ForwardingSession {
 public:
  using ForwardingSession::ForwardingSession;

  soci::details::statement_backend* make_statement_backend() override;

  PGconn* connection() const { return static_cast<soci::postgresql_session_backend*>(inner_.get())->conn_; }

  // The name under which `query` is prepared; "" if there are enough. A name outlives the transaction that made it,
  // also one that failed.
  std::string NameOf(const std::string& query) {
    if (const auto found = names_.find(query); found != names_.end()) return found->second;
    if (names_.size() == kMostKept) return "";
    std::string name = absl::StrCat("kept", names_.size());
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQprepare(connection(), name.c_str(), query.c_str(), 0, nullptr), PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      throw soci::postgresql_soci_error("cannot prepare", sqlstate != nullptr ? sqlstate : kNotConnected);
    }
    names_.emplace(query, name);
    return name;
  }

 private:
  absl::flat_hash_map<std::string, std::string> names_;
};

class Statement final : public ForwardingStatement {
 public:
  Statement(Session& session, soci::details::statement_backend* inner)
      : ForwardingStatement(inner), session_(session) {}
  // Or SOCI would have it dropped.
  ~Statement() override { own().statementName_.clear(); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void prepare(const std::string& query, soci::details::statement_type) override {
    // Numbers the parameters, and speaks to nobody.
    inner_->prepare(query, soci::details::st_one_time_query);
    if (own().names_.empty()) return;
    own().statementName_ = session_.NameOf(own().query_);
    if (!own().statementName_.empty()) own().stType_ = soci::details::st_repeatable_query;
  }

 private:
  soci::postgresql_statement_backend& own() { return static_cast<soci::postgresql_statement_backend&>(*inner_); }

  Session& session_;
};

soci::details::statement_backend* Session::make_statement_backend() {
  return new Statement(*this, inner_->make_statement_backend());
}

}  // namespace

const soci::backend_factory& PostgresqlSessions() {
  static const ForwardingFactory<Session> factory(*soci::factory_postgresql());
  return factory;
}

PGconn* PostgresqlConnection(soci::session& session) {
  auto* const backend = static_cast<Session*>(session.get_backend());
  return backend == nullptr ? nullptr : backend->connection();
}

}  // namespace lumbar::store
