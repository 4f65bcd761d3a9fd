// Who did what, when, and how it ended. Kept apart from the logs: for a privacy officer, not for an operator.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <string>

#include "common/concurrency/mutex.h"

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
};

// One JSON line per record, appended to a file that only its owner reads (0600 when it is created here). A line reaches
// the kernel before Append returns: it survives a killed process, not a lost machine. After a line that was cut short
// by a full disk or a crash the next begins on a line of its own.
class FileAuditLog final : public AuditLog {
 public:
  // UNAVAILABLE/AUDIT_UNWRITABLE: the file can't be opened for appending.
  static absl::StatusOr<std::unique_ptr<FileAuditLog>> Open(absl::string_view path);
  ~FileAuditLog() override;

  absl::Status Append(const AuditRecord& record) override;

 private:
  FileAuditLog(int file, bool torn) : file_(file), torn_(torn) {}

  const int file_;
  Mutex mutex_;
  // The last line in the file has no end.
  bool torn_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar
