#include "common/store/sqlite_session.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/match.h>

#include <string>
#include <utility>

#include "common/store/soci_forwarding.h"

namespace lumbar::store {
namespace {

using Compiled = sqlite_api::sqlite3_stmt*;

// More texts than any program has; those beyond are compiled each time.
constexpr size_t kMostKept = 256;

class Session final : public ForwardingSession {
 public:
  using ForwardingSession::ForwardingSession;
  // Before the connection is closed.
  ~Session() override {
    for (const auto& [text, compiled] : kept_) sqlite_api::sqlite3_finalize(compiled);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  soci::details::statement_backend* make_statement_backend() override;

  sqlite_api::sqlite3* connection() const { return static_cast<soci::sqlite3_session_backend*>(inner_.get())->conn_; }

  // Null if there is none to be had: never compiled, or in use by another statement of the same text.
  Compiled Take(const std::string& text) {
    const auto found = kept_.find(text);
    return found == kept_.end() ? nullptr : std::exchange(found->second, nullptr);
  }

  void Keep(const std::string& text, Compiled compiled) {
    sqlite_api::sqlite3_reset(compiled);
    // They point to the caller's values.
    sqlite_api::sqlite3_clear_bindings(compiled);
    // A PRAGMA may act when it is compiled.
    const bool worth = !absl::StartsWith(text, "PRAGMA") && (kept_.size() < kMostKept || kept_.contains(text));
    if (worth) std::swap(kept_[text], compiled);
    sqlite_api::sqlite3_finalize(compiled);
  }

 private:
  absl::flat_hash_map<std::string, Compiled> kept_;
};

class Statement final : public ForwardingStatement {
 public:
  Statement(Session& session, soci::details::statement_backend* inner)
      : ForwardingStatement(inner), session_(session) {}

  void prepare(const std::string& query, soci::details::statement_type type) override {
    clean_up();
    text_ = query;
    const Compiled kept = session_.Take(query);
    if (kept == nullptr) return inner_->prepare(query, type);
    own().stmt_ = kept;
    own().databaseReady_ = true;
  }

  // One that failed is gone already: SOCI ended it.
  void clean_up() override {
    if (own().stmt_ != nullptr) session_.Keep(text_, std::exchange(own().stmt_, nullptr));
    inner_->clean_up();
  }

 private:
  soci::sqlite3_statement_backend& own() { return static_cast<soci::sqlite3_statement_backend&>(*inner_); }

  Session& session_;
  std::string text_;
};

soci::details::statement_backend* Session::make_statement_backend() {
  return new Statement(*this, inner_->make_statement_backend());
}

}  // namespace

const soci::backend_factory& SqliteSessions() {
  static const ForwardingFactory<Session> factory(*soci::factory_sqlite3());
  return factory;
}

sqlite_api::sqlite3* SqliteConnection(soci::session& session) {
  auto* const backend = static_cast<Session*>(session.get_backend());
  return backend == nullptr ? nullptr : backend->connection();
}

}  // namespace lumbar::store
