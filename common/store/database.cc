#include "common/store/database.h"

#include <absl/cleanup/cleanup.h>

#include <algorithm>
#include <exception>

#include "common/status/macros.h"
#include "common/store/errors.h"

namespace lumbar::store {
namespace {

constexpr int kWriteAttempts = 3;

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  LUMBAR_ASSIGN_OR_RETURN(auto engine, MakeEngine(options.url, options.busy_timeout));
  LUMBAR_RETURN_IF_ERROR(engine->Prepare(options.must_exist));
  std::unique_ptr<Database> database(new Database(std::move(options), std::move(engine)));
  LUMBAR_RETURN_IF_ERROR(database->Lend(database->writers_, Engine::Role::kWriter,
                                        [&](soci::session& session) { return database->engine_->Check(session); }));
  LUMBAR_RETURN_IF_ERROR(database->Ping());
  return database;
}

Database::Database(DatabaseOptions options, std::unique_ptr<Engine> engine)
    : options_(std::move(options)),
      engine_(std::move(engine)),
      writers_(static_cast<size_t>(engine_->one_writer() ? 1 : std::max(1, options_.writers))),
      readers_(static_cast<size_t>(std::max(1, options_.readers))),
      queue_({.patience = options_.busy_timeout}) {}

absl::Status Database::Ping() {
  return RunRead([&](soci::session& session) {
    engine_->Probe(session);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<Table>> Database::Schema() {
  return Read([&](soci::session& session) { return ReadSchema(session, *engine_); });
}

absl::Status Database::RunWrite(Step step) {
  if (engine_->one_writer()) return queue_.Run(step, [this](WriteQueue::Batch batch) { WriteTogether(batch); });
  return Lend(writers_, Engine::Role::kWriter, [&](soci::session& session) {
    Stage stage = Stage::kBeginning;
    absl::Status status = WriteOnce(session, step, stage);
    // A connection that was found lost before the commit: nothing has happened, and the next one may do.
    if (IsStoreLost(status) && stage == Stage::kRunning) status = WriteOnce(session, step, stage);
    for (int i = 1; i < kWriteAttempts && IsStoreConflict(status); ++i) status = WriteOnce(session, step, stage);
    return status;
  });
}

absl::Status Database::WriteOnce(soci::session& session, Step step, Stage& stage) {
  stage = Stage::kBeginning;
  absl::Status status = Guarded([&]() -> absl::Status {
    engine_->BeginWrite(session);
    stage = Stage::kRunning;
    LUMBAR_RETURN_IF_ERROR(step(session));
    stage = Stage::kCommitting;
    engine_->Commit(session);
    return absl::OkStatus();
  });
  if (status.ok()) return status;
  Recover(session);
  return stage == Stage::kCommitting && IsStoreLost(status) ? CommitUnknown() : status;
}

void Database::WriteTogether(WriteQueue::Batch batch) {
  const auto all = [&](soci::session& session) -> absl::Status {
    for (WriteQueue::Request* request : batch) LUMBAR_RETURN_IF_ERROR(WriteApart(session, *request));
    return absl::OkStatus();
  };
  Stage stage = Stage::kBeginning;
  const absl::Status whole =
      Lend(writers_, Engine::Role::kWriter, [&](soci::session& session) { return WriteOnce(session, all, stage); });
  if (whole.ok()) return;
  for (WriteQueue::Request* request : batch) request->answer = whole;
}

absl::Status Database::WriteApart(soci::session& session, WriteQueue::Request& request) {
  engine_->RunScript(session, "SAVEPOINT request");
  const absl::Status thrown = Guarded([&] {
    request.answer = request.step(session);
    return absl::OkStatus();
  });
  if (!thrown.ok()) request.answer = thrown;
  // A full disk, for example, may have ended the transaction of all.
  if (!engine_->InTransaction(session)) return thrown.ok() ? StoreFailed("none") : thrown;
  engine_->RunScript(session, request.answer.ok() ? "RELEASE request" : "ROLLBACK TO request; RELEASE request");
  return absl::OkStatus();
}

absl::Status Database::RunRead(Step step) {
  return Lend(readers_, Engine::Role::kReader, [&](soci::session& session) {
    absl::Status status = Guarded([&] {
      engine_->BeginRead(session);
      return step(session);
    });
    Recover(session);
    return status;
  });
}

// A server that was restarted is found here by the statement itself; what only reads can simply be asked again.
absl::Status Database::RunReadOne(Step step) {
  return Lend(readers_, Engine::Role::kReader, [&](soci::session& session) {
    const auto run = [&] {
      engine_->BeginStatement(session);
      return step(session);
    };
    absl::Status status = Guarded(run);
    Recover(session);
    if (!IsStoreLost(status)) return status;
    session.close();
    LUMBAR_RETURN_IF_ERROR(Connect(session, Engine::Role::kReader));
    status = Guarded(run);
    Recover(session);
    return status;
  });
}

// Connections are made when they are first needed, and again after they were lost.
absl::Status Database::Lend(soci::connection_pool& pool, Engine::Role role, Step step) {
  size_t position = 0;
  if (!pool.try_lease(position, static_cast<int>(absl::ToInt64Milliseconds(options_.busy_timeout)))) return StoreBusy();
  const absl::Cleanup give_back = [&] { pool.give_back(position); };
  soci::session& session = pool.at(position);
  return Guarded([&]() -> absl::Status {
    if (session.get_backend() == nullptr) LUMBAR_RETURN_IF_ERROR(Connect(session, role));
    return step(session);
  });
}

absl::Status Database::Connect(soci::session& session, Engine::Role role) const {
  const absl::Status connected = Guarded([&] { return engine_->Connect(session, role); });
  if (!connected.ok()) session.close();
  return connected;
}

void Database::Recover(soci::session& session) const {
  const absl::Status rolled_back = Guarded([&] {
    engine_->Rollback(session);
    return absl::OkStatus();
  });
  if (!rolled_back.ok()) session.close();
}

absl::Status Database::Guarded(absl::FunctionRef<absl::Status()> step) const {
  try {
    return step();
  } catch (const soci::soci_error& error) {
    return engine_->StatusOf(error);
  } catch (const std::exception&) {
    return StoreFailed("none");
  }
}

}  // namespace lumbar::store
