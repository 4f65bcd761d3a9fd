#include "tests/load/booking_raw.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "common/store/resource_name.h"
#include "tests/load/booking_plan.h"

namespace lumbar::load {
namespace {

using Clock = std::chrono::steady_clock;

void Must(bool done, sqlite3* database, const char* what) {
  if (done) return;
  std::cerr << what << ": " << sqlite3_errmsg(database) << "\n";
  std::exit(1);
}

sqlite3* OpenFile(const std::string& path) {
  sqlite3* database = nullptr;
  Must(sqlite3_open(path.c_str(), &database) == SQLITE_OK, database, "open");
  return database;
}

void Script(sqlite3* database, const std::string& sql) {
  Must(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, database, sql.c_str());
}

class Prepared {
 public:
  Prepared(sqlite3* database, const char* sql) : database_(database) {
    Must(sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) == SQLITE_OK, database, sql);
  }
  ~Prepared() { sqlite3_finalize(statement_); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  template <typename... Values>
  void Run(const Values&... values) {
    int position = 0;
    (Bind(++position, values), ...);
    Must(sqlite3_step(statement_) == SQLITE_DONE, database_, "step");
    sqlite3_reset(statement_);
  }

  std::string Text() {
    Must(sqlite3_step(statement_) == SQLITE_ROW, database_, "the database to be like holds no booking");
    std::string text(reinterpret_cast<const char*>(sqlite3_column_text(statement_, 0)));
    sqlite3_reset(statement_);
    return text;
  }

  bool Next() { return sqlite3_step(statement_) == SQLITE_ROW; }
  std::string Column() { return reinterpret_cast<const char*>(sqlite3_column_text(statement_, 0)); }

 private:
  void Bind(int position, const std::string& text) {
    sqlite3_bind_text(statement_, position, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void Bind(int position, int64_t number) { sqlite3_bind_int64(statement_, position, number); }

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

// What booking wrote for one booking.
struct Texts {
  std::string caller, held, confirmed, hold, ended_hold, appointment, event;
};

Texts TextsOf(sqlite3* like) {
  const auto text = [&](const char* sql) { return Prepared(like, sql).Text(); };
  return {text("SELECT caller FROM idempotency WHERE method LIKE '%/CreateHold' LIMIT 1"),
          text("SELECT response FROM idempotency WHERE method LIKE '%/CreateHold' LIMIT 1"),
          text("SELECT response FROM idempotency WHERE method LIKE '%/ConfirmHold' LIMIT 1"),
          text("SELECT body FROM hold LIMIT 1"),
          text("SELECT body FROM hold WHERE state = 2 LIMIT 1"),
          text("SELECT body FROM appointment LIMIT 1"),
          text("SELECT body FROM outbox LIMIT 1")};
}

// One connection with one booking's statements.
class Tables {
 public:
  Tables(sqlite3* database, Texts texts) : database_(database), texts_(std::move(texts)) {}

  void Begin() { begin_.Run(); }
  void Commit() { commit_.Run(); }

  void Hold(int64_t slot, const std::string& hold) {
    answer_.Run(texts_.caller, std::string("lumbar.booking.v1.BookingService/CreateHold"), store::NewUuid(), hash_,
                texts_.held, now_);
    turn_.Run(Patient(slot));
    const int64_t first = FirstTick(slot), last = first + kTicksOfAVisit - 1, expiry = now_ + 600'000'000;
    for (int64_t tick = first; tick <= last; ++tick) tick_.Run(ClinicianName(slot), tick, hold, expiry);
    hold_.Run(hold, Patient(slot), expiry, first, last, texts_.hold);
  }

  void Confirm(int64_t slot, const std::string& hold) {
    const std::string appointment = store::NewName("appointments"), clinician = ClinicianName(slot);
    answer_.Run(texts_.caller, std::string("lumbar.booking.v1.BookingService/ConfirmHold"), store::NewUuid(), hash_,
                texts_.confirmed, now_);
    const int64_t first = FirstTick(slot), last = first + kTicksOfAVisit - 1;
    keep_.Run(appointment, clinician, first, last, hold);
    end_.Run(texts_.ended_hold, hold);
    appointment_.Run(appointment, Patient(slot), clinician, absl::ToUnixMicros(load::Begin(slot)), first, last,
                     texts_.appointment);
    event_.Run(store::NewUuid(), appointment, now_, texts_.event);
  }

 private:
  static int64_t FirstTick(int64_t slot) { return absl::ToUnixSeconds(load::Begin(slot)) / 300; }

  sqlite3* const database_;
  const Texts texts_;
  const std::string hash_ = std::string(64, 'a');
  const int64_t now_ = absl::ToUnixMicros(absl::Now());
  Prepared begin_{database_, "BEGIN IMMEDIATE"};
  Prepared commit_{database_, "COMMIT"};
  Prepared answer_{database_,
                   "INSERT INTO idempotency (caller, method, request_id, body_hash, response, create_time) "
                   "VALUES (?, ?, ?, ?, ?, ?)"};
  Prepared turn_{database_,
                 "INSERT INTO patient_turn (patient, holds) VALUES (?, 1) "
                 "ON CONFLICT (patient) DO UPDATE SET holds = patient_turn.holds + 1"};
  Prepared tick_{database_,
                 "INSERT INTO tick (clinician, tick, owner, expire_time) VALUES (?, ?, ?, ?) "
                 "ON CONFLICT (clinician, tick) DO NOTHING"};
  Prepared hold_{database_,
                 "INSERT INTO hold (name, patient, state, expire_time, first_tick, last_tick, override_reason, body) "
                 "VALUES (?, ?, 1, ?, ?, ?, '', ?)"};
  Prepared keep_{database_,
                 "UPDATE tick SET owner = ?, expire_time = NULL "
                 "WHERE clinician = ? AND tick BETWEEN ? AND ? AND owner = ?"};
  Prepared end_{database_, "UPDATE hold SET state = 2, body = ? WHERE name = ?"};
  Prepared appointment_{
      database_,
      "INSERT INTO appointment (name, patient, clinician, start_time, version, first_tick, last_tick, "
      "body) VALUES (?, ?, ?, ?, 1, ?, ?, ?)"};
  Prepared event_{database_,
                  "INSERT INTO outbox (event_id, appointment, version, due_time, lease_time, attempt, body) "
                  "VALUES (?, ?, 1, ?, 0, 0, ?)"};
};

// One change that a thread waits for.
struct Change {
  int64_t slot = 0;
  std::string hold;
  bool confirm = false;
  std::binary_semaphore on_disk{0};
};

class Writer {
 public:
  explicit Writer(Tables& tables) : tables_(tables) {}

  void Submit(Change& change) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back(&change);
    }
    arrived_.notify_one();
    change.on_disk.acquire();
  }

  void Stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    arrived_.notify_one();
  }

  void Run() {
    for (std::vector<Change*> batch;; batch.clear()) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        arrived_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        batch.swap(waiting_);
      }
      tables_.Begin();
      for (Change* change : batch) {
        change->confirm ? tables_.Confirm(change->slot, change->hold) : tables_.Hold(change->slot, change->hold);
      }
      tables_.Commit();
      for (Change* change : batch) change->on_disk.release();
    }
  }

 private:
  Tables& tables_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Change*> waiting_;
  bool stopping_ = false;
};

double Book(const RawRun& run, Tables& tables) {
  Writer writer(tables);
  std::thread writing([&] { writer.Run(); });
  std::atomic<int64_t> next = run.first;
  const auto book = [&] {
    for (int64_t slot = 0; (slot = next++) < run.first + run.bookings;) {
      Change change{.slot = slot, .hold = store::NewName("holds")};
      writer.Submit(change);
      change.confirm = true;
      writer.Submit(change);
    }
  };
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < run.threads; ++i) threads.emplace_back(book);
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> took = Clock::now() - start;
  writer.Stop();
  writing.join();
  return took.count();
}

}  // namespace

double BookRaw(const RawRun& run) {
  const bool fresh = access(run.database.c_str(), F_OK) != 0;
  sqlite3* like = OpenFile(run.like);
  sqlite3* database = OpenFile(run.database);
  Script(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  if (fresh) {
    Prepared tables(like, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'");
    while (tables.Next()) Script(database, tables.Column());
  }
  double seconds = 0;
  {
    Tables tables(database, TextsOf(like));
    seconds = Book(run, tables);
  }
  sqlite3_close(like);
  sqlite3_close(database);
  return seconds;
}

void FillPast(const std::string& path, int64_t count) {
  sqlite3* database = OpenFile(path);
  sqlite3_busy_timeout(database, 10'000);
  const std::string texts = TextsOf(database).appointment;
  const int64_t today = absl::ToUnixSeconds(absl::Now()) / 300;
  // Filling is no part of what is measured.
  Script(database, "PRAGMA cache_size = -1000000; PRAGMA synchronous = OFF; BEGIN IMMEDIATE");
  Prepared(database,
           "WITH RECURSIVE past (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM past WHERE n + 1 < ?1) "
           "INSERT INTO appointment (name, patient, clinician, start_time, version, first_tick, last_tick, body) "
           "SELECT 'appointments/' || lower(hex(randomblob(18))), 'patients/past-' || (n % (?1 / 5)), "
           "printf('clinicians/load-%02d', n % 32), (?2 - 12 - n / 32 * 4) * 300000000, 1, ?2 - 12 - n / 32 * 4, "
           "?2 - 9 - n / 32 * 4, ?3 FROM past")
      .Run(count, today, texts);
  Script(database,
         "INSERT INTO tick (clinician, tick, owner) SELECT clinician, first_tick + column1, name "
         "FROM appointment, (VALUES (0), (1), (2), (3)) WHERE patient LIKE 'patients/past-%' ORDER BY clinician, "
         "first_tick");
  Script(database, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  sqlite3_close(database);
}

double SyncsPerSecond(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/syncs"), page(4096, 'x');
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  int64_t syncs = 0;
  const auto start = Clock::now();
  while (Clock::now() - start < std::chrono::seconds(1)) {
    if (write(file, page.data(), page.size()) < 0 || fdatasync(file) != 0) std::exit(1);
    ++syncs;
  }
  const std::chrono::duration<double> took = Clock::now() - start;
  close(file);
  unlink(path.c_str());
  return static_cast<double>(syncs) / took.count();
}

}  // namespace lumbar::load
