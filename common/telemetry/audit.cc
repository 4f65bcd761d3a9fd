#include "common/telemetry/audit.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "common/status/errors.h"
#include "common/telemetry/json_line.h"

namespace lumbar {
namespace {

// How long, and how many bytes of lines, may wait.
constexpr absl::Duration kLongestWait = absl::Milliseconds(50);
constexpr size_t kMostWaitingBytes = 64 * 1024;

absl::Status AuditUnwritable(int error) {
  return WithReason(
      absl::UnavailableError(absl::StrCat("the audit log can't be written (", std::generic_category().message(error),
                                          "); check its path, rights and disk, then try again")),
      "AUDIT_UNWRITABLE");
}

bool EndsInsideALine(int file) {
  struct stat facts = {};
  char last = '\n';
  if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0) return false;
  return pread(file, &last, 1, facts.st_size - 1) == 1 && last != '\n';
}

std::string LineOf(const AuditRecord& record) {
  JsonLine line;
  line.Add("time", record.time);
  line.Add("event", record.event);
  line.Add("method", record.method);
  line.Add("subject", record.subject);
  line.Add("role", record.role);
  line.Add("code", record.code);
  line.Add("reason", record.reason);
  line.Add("resource", record.resource);
  line.Add("trace_id", record.trace_id);
  return std::move(line).Take() + "\n";
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileAuditLog>> FileAuditLog::Open(absl::string_view path) {
  const int file = open(std::string(path).c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return AuditUnwritable(errno);
  return std::unique_ptr<FileAuditLog>(new FileAuditLog(file, EndsInsideALine(file)));
}

FileAuditLog::FileAuditLog(int file, bool torn)
    : file_(file), torn_(torn), writer_("audit", kLongestWait, [this] {
        MutexLock lock(mutex_);
        (void)WriteWaiting();
      }) {}

FileAuditLog::~FileAuditLog() {
  MutexLock lock(mutex_);
  (void)WriteWaiting();
  close(file_);
}

absl::Status FileAuditLog::Append(const AuditRecord& record) {
  const std::string line = LineOf(record);
  MutexLock lock(mutex_);
  const absl::Status earlier = WriteWaiting();
  return earlier.ok() ? Write(line) : earlier;
}

absl::Status FileAuditLog::AppendSoon(const AuditRecord& record) {
  const std::string line = LineOf(record);
  MutexLock lock(mutex_);
  if (failing_) return Write(line);
  waiting_ += line;
  return waiting_.size() < kMostWaitingBytes ? absl::OkStatus() : WriteWaiting();
}

// What can't be written is given up, like a record of Append's.
absl::Status FileAuditLog::WriteWaiting() {
  if (waiting_.empty()) return absl::OkStatus();
  absl::Status written = Write(waiting_);
  waiting_.clear();
  return written;
}

absl::Status FileAuditLog::Write(absl::string_view lines) {
  const std::string mended = torn_ ? absl::StrCat("\n", lines) : "";
  const absl::string_view text = torn_ ? absl::string_view(mended) : lines;
  ssize_t written = -1;
  do {
    written = write(file_, text.data(), text.size());
  } while (written < 0 && errno == EINTR);
  failing_ = written < static_cast<ssize_t>(text.size());
  if (written < 0) return AuditUnwritable(errno);
  // One write, so that lines of two processes don't mix; a short one means that the disk is full.
  torn_ = failing_;
  return torn_ ? AuditUnwritable(ENOSPC) : absl::OkStatus();
}

}  // namespace lumbar
