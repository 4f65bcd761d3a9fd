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

// One JSON line per record, appended to a file that only its owner reads (0600 when it is created here). A line reaches
// the kernel before Append returns: it survives a killed process, not a lost machine. Those of AppendSoon wait 50 ms at
// most, or until 64 KB of them do, and keep their order. After a line that was cut short by a full disk or a crash the
// next begins on a line of its own.
class FileAuditLog final : public AuditLog {
 public:
  // UNAVAILABLE/AUDIT_UNWRITABLE: the file can't be opened for appending.
  static absl::StatusOr<std::unique_ptr<FileAuditLog>> Open(absl::string_view path);
  ~FileAuditLog() override;

  absl::Status Append(const AuditRecord& record) override;
  absl::Status AppendSoon(const AuditRecord& record) override;

 private:
  FileAuditLog(int file, bool torn);
  absl::Status WriteWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Write(absl::string_view lines) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int file_;
  Mutex mutex_;
  // The last line in the file has no end.
  bool torn_ ABSL_GUARDED_BY(mutex_);
  // The last write failed: nothing may wait until one succeeds.
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  // Last, so that it ends first.
  PeriodicTask writer_;
};

}  // namespace lumbar
