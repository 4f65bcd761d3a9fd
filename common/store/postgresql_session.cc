#include "common/store/postgresql_session.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>
#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/store/deferred.h"
#include "common/store/postgresql_pipeline.h"
#include "common/store/soci_forwarding.h"

namespace lumbar::store {
namespace {

// More texts than any program has; those beyond are parsed each time.
constexpr size_t kMostKept = 256;
// Of class 08, connection exception: does not exist.
constexpr char kNotConnected[] = "08003";

class Session final : public ForwardingSession {
  using Clock = std::chrono::steady_clock;

 public:
  using ForwardingSession::ForwardingSession;

  soci::details::statement_backend* make_statement_backend() override;

  PGconn* connection() const { return static_cast<soci::postgresql_session_backend*>(inner_.get())->conn_; }
  PostgresqlPipeline& pipeline() { return pipeline_; }
  bool deferring() const { return deferring_ > 0; }
  void Defer(int by) { deferring_ += by; }
  void NoteCommit() { committed_ = Clock::now(); }
  bool CommittedLately() const { return committed_ && Clock::now() - *committed_ < std::chrono::seconds(1); }

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
  PostgresqlPipeline pipeline_;
  int deferring_ = 0;
  std::optional<Clock::time_point> committed_;
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

  exec_fetch_result execute(int number) override {
    const bool later = session_.deferring() && !own().hasIntoElements_;
    const bool prepared = !own().statementName_.empty();
    if (prepared && (later || !session_.pipeline().empty())) {
      session_.pipeline().Add({"", own().statementName_, Values()});
      return later ? ef_no_data : ResultOf(session_.pipeline().Send(session_.connection()), number);
    }
    SendFirst();
    return inner_->execute(number);
  }

  int prepare_for_describe() override {
    SendFirst();
    return inner_->prepare_for_describe();
  }

 private:
  void SendFirst() {
    if (!session_.pipeline().empty()) session_.pipeline().Send(session_.connection());
  }

  // As SOCI has made them, in the order of the statement's numbers.
  std::vector<std::optional<std::string>> Values() {
    const auto text = [](char** value) {
      return *value == nullptr ? std::nullopt : std::optional<std::string>(*value);
    };
    std::vector<std::optional<std::string>> values;
    for (const auto& [position, value] : own().useByPosBuffers_) values.push_back(text(value));
    if (!values.empty()) return values;
    for (const std::string& name : own().names_) {
      const auto found = own().useByNameBuffers_.find(name);
      if (found == own().useByNameBuffers_.end()) throw soci::soci_error("a parameter has no value");
      values.push_back(text(found->second));
    }
    return values;
  }

  // Leaves this statement as SOCI's own execute does.
  exec_fetch_result ResultOf(PostgresqlResult result, int number) {
    own().result_.reset(result.release());
    if (PQresultStatus(own().result_.get_result()) != PGRES_TUPLES_OK) return ef_no_data;
    own().currentRow_ = 0;
    own().rowsToConsume_ = 0;
    own().numberOfRows_ = PQntuples(own().result_.get_result());
    if (own().numberOfRows_ == 0) return ef_no_data;
    return number > 0 ? inner_->fetch(number) : ef_success;
  }

  soci::postgresql_statement_backend& own() { return static_cast<soci::postgresql_statement_backend&>(*inner_); }

  Session& session_;
};

soci::details::statement_backend* Session::make_statement_backend() {
  return new Statement(*this, inner_->make_statement_backend());
}

Session& Of(soci::session& session) {
  auto* const backend = static_cast<Session*>(session.get_backend());
  if (backend == nullptr) throw soci::postgresql_soci_error("not connected", kNotConnected);
  return *backend;
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

void SendLater(soci::session& session, const std::string& sql) { Of(session).pipeline().Add({sql, "", {}}); }

PostgresqlResult SendCommit(soci::session& session) {
  SendLater(session, "COMMIT");
  PostgresqlResult result = Of(session).pipeline().Send(Of(session).connection());
  Of(session).NoteCommit();
  return result;
}

void SendWaiting(soci::session& session) {
  if (!Of(session).pipeline().empty()) Of(session).pipeline().Send(Of(session).connection());
}

void ForgetWaiting(soci::session& session) { Of(session).pipeline().Clear(); }

bool CommittedLately(soci::session& session) {
  const auto* const backend = static_cast<Session*>(session.get_backend());
  return backend != nullptr && backend->CommittedLately();
}

Deferred::Deferred(soci::session& session) : session_(session) {
  if (auto* const postgresql = dynamic_cast<Session*>(session_.get_backend())) postgresql->Defer(1);
}

Deferred::~Deferred() {
  if (auto* const postgresql = dynamic_cast<Session*>(session_.get_backend())) postgresql->Defer(-1);
}

}  // namespace lumbar::store
