// Stands in for common/store/engine.cc when lumbar-booking-crashing or lumbar-gateway-crashing is linked: the same
// engines, with a named point before each write transaction, before each of its statements, before its COMMIT, and
// after it. The process kills itself at the point that the file in LUMBAR_CRASH_FILE counts down to. What ships is
// linked with engine.cc and has none of this.
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <vector>

#include "common/status/macros.h"
#include "common/store/engine.h"
#include "common/store/errors.h"
#include "common/store/postgresql_engine.h"
#include "common/store/sqlite_engine.h"

namespace lumbar::store {
namespace {

// Notes the point in <file>.trace, and dies if it is the one. Only while the file is there: a test makes it when the
// process is idle, so that the points after that are those of one call and of what follows from it.
void Pass(const std::string& point) {
  static std::mutex mutex;
  const char* path = std::getenv("LUMBAR_CRASH_FILE");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (path == nullptr) return;
  const std::lock_guard<std::mutex> lock(mutex);
  std::ifstream armed(path);
  int64_t left = 0;
  if (!(armed >> left)) return;
  std::ofstream(absl::StrCat(path, ".trace"), std::ios::app) << point << std::endl;
  if (left == 1) {
    unlink(path);
    kill(getpid(), SIGKILL);
  }
  std::ofstream(path, std::ios::trunc) << left - 1 << std::endl;
}

// "INSERT INTO tick", "UPDATE hold", "SELECT FROM hold".
std::string NameOf(const std::string& query) {
  const std::vector<std::string> words = absl::StrSplit(query, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  if (words.size() < 3) return query;
  if (words[0] == "UPDATE") return absl::StrCat(words[0], " ", words[1]);
  if (words[0] != "SELECT") return absl::StrCat(words[0], " ", words[1], " ", words[2]);
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "FROM") return absl::StrCat("SELECT FROM ", words[i + 1]);
  }
  return "SELECT";
}

// SOCI tells it of each statement before it runs.
class StatementPoints final : public soci::logger_impl {
 public:
  void start_query(const std::string& query) override { Pass(absl::StrCat("before ", NameOf(query))); }

 private:
  soci::logger_impl* do_clone() const override { return new StatementPoints; }
};

class CrashingEngine final : public Engine {
 public:
  explicit CrashingEngine(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

  absl::Status Prepare(bool must_exist) const override { return engine_->Prepare(must_exist); }
  absl::Status Connect(soci::session& session, Role role) const override {
    LUMBAR_RETURN_IF_ERROR(engine_->Connect(session, role));
    if (role == Role::kWriter) session.set_logger(soci::logger(new StatementPoints));
    return absl::OkStatus();
  }
  absl::Status Check(soci::session& session) const override { return engine_->Check(session); }
  void BeginWrite(soci::session& session) const override {
    Pass("before BEGIN");
    engine_->BeginWrite(session);
  }
  void BeginRead(soci::session& session) const override { engine_->BeginRead(session); }
  void BeginStatement(soci::session& session) const override { engine_->BeginStatement(session); }
  void Commit(soci::session& session) const override {
    Pass("before COMMIT");
    engine_->Commit(session);
    Pass("after COMMIT");
  }
  bool InTransaction(soci::session& session) const override { return engine_->InTransaction(session); }
  void Rollback(soci::session& session) const override { engine_->Rollback(session); }
  void RunScript(soci::session& session, const std::string& sql) const override { engine_->RunScript(session, sql); }
  void Probe(soci::session& session) const override { engine_->Probe(session); }
  void LockSchema(soci::session& session) const override { engine_->LockSchema(session); }
  const char* name() const override { return engine_->name(); }
  const char* columns_query() const override { return engine_->columns_query(); }
  const char* references_query() const override { return engine_->references_query(); }
  bool one_writer() const override { return engine_->one_writer(); }
  absl::Status StatusOf(const soci::soci_error& error) const override { return engine_->StatusOf(error); }

 private:
  const std::unique_ptr<Engine> engine_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(absl::string_view url, absl::Duration busy_timeout) {
  auto engine = absl::ConsumePrefix(&url, "sqlite://") ? MakeSqliteEngine(url, busy_timeout)
                                                       : MakePostgresqlEngine(url, busy_timeout);
  if (!engine.ok()) return engine.status();
  return std::make_unique<CrashingEngine>(*std::move(engine));
}

}  // namespace lumbar::store
