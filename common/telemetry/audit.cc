#include "common/telemetry/audit.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "common/status/errors.h"
#include "common/telemetry/json_line.h"
#include "common/telemetry/log.h"

namespace lumbar {
namespace {

// How long, and how many bytes of lines, may wait.
constexpr absl::Duration kLongestWait = absl::Milliseconds(50);
constexpr size_t kMostWaitingBytes = 64 * 1024;
// Of each text of a record: escaped, they still fit into kMostAuditLineBytes.
constexpr size_t kMostTextBytes = 2 * 1024;

absl::Status AuditUnwritable(int error) {
  return WithReason(
      absl::UnavailableError(absl::StrCat("the audit log can't be written (", std::generic_category().message(error),
                                          "); check its path, rights and disk, then try again")),
      "AUDIT_UNWRITABLE");
}

absl::Status AuditInUse() {
  return WithReason(
      absl::FailedPreconditionError("another process writes this audit log; give each process a file of its own"),
      "AUDIT_IN_USE");
}

// A file has one writer. Of devices and pipes nothing is known, and a file system without locks has none to refuse.
bool IsInUse(int file) {
  struct stat facts = {};
  if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return false;
  return flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string LineOf(const AuditRecord& record) {
  JsonLine line;
  const auto add = [&line](absl::string_view name, absl::string_view text) {
    line.Add(name, text.substr(0, kMostTextBytes));
  };
  line.Add("time", record.time);
  add("event", record.event);
  add("method", record.method);
  add("subject", record.subject);
  add("role", record.role);
  add("code", record.code);
  add("reason", record.reason);
  add("resource", record.resource);
  add("trace_id", record.trace_id);
  return std::move(line).Take();
}

// Without its braces.
absl::string_view MembersOf(absl::string_view object) { return object.substr(1, object.size() - 2); }

void TellOfEnd(const AuditTail& tail) {
  if (tail.torn_bytes() == 0) return;
  if (tail.head().sequence == 0) {
    Log(LogLevel::kError, "audit_unchained",
        {{"torn_bytes", tail.torn_bytes()},
         {"message", "what is there can't be verified: move the file away and start again"}});
  } else {
    Log(LogLevel::kWarning, "audit_torn", {{"sequence", tail.head().sequence}, {"torn_bytes", tail.torn_bytes()}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileAuditLog>> FileAuditLog::Open(absl::string_view path) {
  const int file = open(std::string(path).c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return AuditUnwritable(errno);
  absl::StatusOr<AuditTail> tail = IsInUse(file) ? absl::StatusOr<AuditTail>(AuditInUse()) : ReadAuditTail(file);
  if (!tail.ok()) {
    close(file);
    return tail.status();
  }
  TellOfEnd(*tail);
  return std::unique_ptr<FileAuditLog>(new FileAuditLog(file, *std::move(tail)));
}

FileAuditLog::FileAuditLog(int file, AuditTail tail)
    : file_(file), tail_(std::move(tail)), writer_("audit", kLongestWait, [this] {
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
  Add(record.time, line);
  return WriteWaiting();
}

absl::Status FileAuditLog::AppendSoon(const AuditRecord& record) {
  const std::string line = LineOf(record);
  MutexLock lock(mutex_);
  Add(record.time, line);
  return !failing_ && waiting_.size() < kMostWaitingBytes ? absl::OkStatus() : WriteWaiting();
}

AuditHead FileAuditLog::Head() {
  AuditHead head;
  {
    MutexLock lock(mutex_);
    (void)WriteWaiting();
    head = tail_.head();
  }
  // Whoever writes it down must find it again after a power cut. What can't be synced, such as a pipe, is no file.
  (void)fdatasync(file_);
  return head;
}

void FileAuditLog::Add(absl::Time time, absl::string_view line) {
  if (waiting_.empty()) {
    sealed_ = tail_.head();
    if (tail_.inside_line()) waiting_.push_back('\n');
    resumes_ = tail_.torn_bytes() > 0 || lost_ > 0;
    if (resumes_) AddResumption(time);
  }
  sealed_ = AppendSealed(sealed_.sequence + 1, LinkAfter(sealed_), MembersOf(line), waiting_);
}

void FileAuditLog::AddResumption(absl::Time time) {
  int64_t torn_bytes = tail_.torn_bytes();
  Sha256Stream link = tail_.link();
  if (torn_bytes > 0) {
    torn_bytes += static_cast<int64_t>(waiting_.size());
    link.Add(waiting_);
  }
  JsonLine line;
  if (torn_bytes > 0) line.Add("torn_bytes", torn_bytes);
  line.Add("time", time);
  line.Add("event", absl::string_view("audit.resumed"));
  line.Add("lost_records", lost_);
  sealed_ = AppendSealed(sealed_.sequence + 1, std::move(link), MembersOf(std::move(line).Take()), waiting_);
}

absl::Status FileAuditLog::WriteWaiting() {
  if (waiting_.empty()) return absl::OkStatus();
  ssize_t written = -1;
  do {
    // One write; a short one means that the disk is full.
    written = write(file_, waiting_.data(), waiting_.size());
  } while (written < 0 && errno == EINTR);
  const int error = written < 0 ? errno : ENOSPC;
  failing_ = written < static_cast<ssize_t>(waiting_.size());
  if (failing_) {
    GiveUp(absl::string_view(waiting_).substr(0, static_cast<size_t>(std::max<ssize_t>(written, 0))));
  } else {
    tail_ = AuditTail(sealed_);
    lost_ = 0;
  }
  waiting_.clear();
  return failing_ ? AuditUnwritable(error) : absl::OkStatus();
}

// Of the lines that wait only `written` came into the file.
void FileAuditLog::GiveUp(absl::string_view written) {
  const int64_t before = tail_.head().sequence;
  tail_.Read(written);
  const int64_t whole = tail_.head().sequence - before;
  if (whole > 0 && resumes_) lost_ = 0;
  const int64_t records = sealed_.sequence - before - (resumes_ ? 1 : 0);
  lost_ += records - std::max<int64_t>(whole - (resumes_ ? 1 : 0), 0);
}

}  // namespace lumbar
