// Who did what, when, and how it ended. Kept apart from the logs: for a privacy officer, not for an operator.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <string>

#include "common/concurrency/mutex.h"
#include "common/concurrency/periodic.h"
#include "common/telemetry/audit_chain.h"
#include "common/telemetry/audit_tail.h"

namespace lumbar {

// Of a patient nothing but the caller's own subject and the resource's name.
struct AuditRecord {
  absl::Time time;
  std::string event;
  std::string method;
  std::string subject;
  std::string role;
  std::string code;
  std::string reason;
  std::string resource;
  std::string trace_id;
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;

  // Records the event; it outlives this process when OK is returned. Thread safe.
  // UNAVAILABLE/AUDIT_UNWRITABLE: it is not recorded; the caller decides whether the call may still succeed.
  virtual absl::Status Append(const AuditRecord& record) = 0;

  // The same for an event whose record a crash may take along, such as a reading of what everybody may read: it
  // outlives this process a few milliseconds later. UNAVAILABLE/AUDIT_UNWRITABLE: as above.
  virtual absl::Status AppendSoon(const AuditRecord& record) = 0;
};

// One JSON line per record, appended to a file that only its owner reads (0600 when it is created here) and that no
// other process writes. Lines are chained (audit_chain.h), also over restarts. A line reaches the kernel before Append
// returns: it survives a killed process, not a lost machine. Those of AppendSoon wait 50 ms at most, or until 64 KB of
// them do, and keep their order. Each text of a record is cut to 2 KiB.
//
// What was cut short by a full disk or a crash stays in the file; the first record after it, and after others that
// couldn't be written at all, follows a line "audit.resumed" that says how many bytes and records those are.
class FileAuditLog final : public AuditLog {
 public:
  // A log whose end isn't whole, or isn't chained, is gone on with and logged.
  // UNAVAILABLE/AUDIT_UNWRITABLE: the file can't be opened for appending; /AUDIT_UNREADABLE: its end can't be read.
  // FAILED_PRECONDITION/AUDIT_IN_USE: another
  // process, or another object, writes it.
  static absl::StatusOr<std::unique_ptr<FileAuditLog>> Open(absl::string_view path);
  ~FileAuditLog() override;

  absl::Status Append(const AuditRecord& record) override;
  absl::Status AppendSoon(const AuditRecord& record) override;

  // Of the file, after all that may wait was written. To be written down where nobody who can change the file can.
  AuditHead Head();

 private:
  FileAuditLog(int file, AuditTail tail);
  void Add(absl::Time time, absl::string_view line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddResumption(absl::Time time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveUp(absl::string_view written) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int file_;
  Mutex mutex_;
  // What is in the file.
  AuditTail tail_ ABSL_GUARDED_BY(mutex_);
  // Records that couldn't be written since the last that was.
  int64_t lost_ ABSL_GUARDED_BY(mutex_) = 0;
  // The last write failed: nothing may wait until one succeeds.
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;
  // Lines that wait, and the last of them. The first may be no record's but "audit.resumed".
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  AuditHead sealed_ ABSL_GUARDED_BY(mutex_);
  bool resumes_ ABSL_GUARDED_BY(mutex_) = false;
  // Last, so that it ends first.
  PeriodicTask writer_;
};

}  // namespace lumbar
