#include "common/store/database.h"

#include <absl/cleanup/cleanup.h>

#include <algorithm>
#include <exception>

#include "common/status/macros.h"
#include "common/store/errors.h"

namespace lumbar::store {

absl::StatusOr<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  LUMBAR_ASSIGN_OR_RETURN(auto engine, MakeEngine(options.url, options.busy_timeout));
  LUMBAR_RETURN_IF_ERROR(engine->Prepare());
  std::unique_ptr<Database> database(new Database(std::move(options), std::move(engine)));
  LUMBAR_RETURN_IF_ERROR(database->Connect());
  return database;
}

Database::Database(DatabaseOptions options, std::unique_ptr<Engine> engine)
    : options_(std::move(options)),
      engine_(std::move(engine)),
      writers_(static_cast<size_t>(engine_->writers())),
      readers_(static_cast<size_t>(std::max(1, options_.readers))) {}

absl::Status Database::Connect() {
  return Guarded([&]() -> absl::Status {
    for (size_t i = 0; i < static_cast<size_t>(engine_->writers()); ++i) {
      LUMBAR_RETURN_IF_ERROR(engine_->Connect(writers_.at(i), Engine::Role::kWriter));
    }
    LUMBAR_RETURN_IF_ERROR(engine_->Check(writers_.at(0)));
    for (size_t i = 0; i < static_cast<size_t>(std::max(1, options_.readers)); ++i) {
      LUMBAR_RETURN_IF_ERROR(engine_->Connect(readers_.at(i), Engine::Role::kReader));
    }
    return absl::OkStatus();
  });
}

absl::Status Database::Ping() {
  return RunRead([&](soci::session& session) {
    engine_->Probe(session);
    return absl::OkStatus();
  });
}

absl::Status Database::RunWrite(Step step) {
  return Lend(writers_, [&](soci::session& session) {
    absl::Status status = Guarded([&]() -> absl::Status {
      engine_->BeginWrite(session);
      LUMBAR_RETURN_IF_ERROR(step(session));
      engine_->RunScript(session, "COMMIT");
      return absl::OkStatus();
    });
    if (!status.ok()) Recover(session, Engine::Role::kWriter);
    return status;
  });
}

absl::Status Database::RunRead(Step step) {
  return Lend(readers_, [&](soci::session& session) {
    absl::Status status = Guarded([&] {
      engine_->BeginRead(session);
      return step(session);
    });
    Recover(session, Engine::Role::kReader);
    return status;
  });
}

absl::Status Database::Lend(soci::connection_pool& pool, Step step) {
  size_t position = 0;
  if (!pool.try_lease(position, static_cast<int>(absl::ToInt64Milliseconds(options_.busy_timeout)))) return StoreBusy();
  const absl::Cleanup give_back = [&] { pool.give_back(position); };
  return step(pool.at(position));
}

void Database::Recover(soci::session& session, Engine::Role role) const {
  const absl::Status rolled_back = Guarded([&] {
    engine_->Rollback(session);
    return absl::OkStatus();
  });
  if (rolled_back.ok()) return;
  // If this fails too, the next user's BEGIN fails, and comes here again.
  (void)Guarded([&] {
    session.close();
    return engine_->Connect(session, role);
  });
}

absl::Status Database::Guarded(absl::FunctionRef<absl::Status()> step) const {
  try {
    return step();
  } catch (const soci::soci_error& error) {
    return engine_->StatusOf(error);
  } catch (const std::exception&) {
    return StoreFailed(0);
  }
}

}  // namespace lumbar::store
