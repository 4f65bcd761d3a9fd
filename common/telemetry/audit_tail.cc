#include "common/telemetry/audit_tail.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "common/status/errors.h"

namespace lumbar {
namespace {

absl::Status Unreadable() {
  return WithReason(absl::UnavailableError("the end of the audit log can't be read"), "AUDIT_UNREADABLE");
}

// The last bytes of the file; fewer if it was cut meanwhile.
absl::StatusOr<std::string> LastBytes(int file, off_t size) {
  std::string bytes(std::min(static_cast<size_t>(size), kAuditTailBytes), '\0');
  const off_t begin = size - static_cast<off_t>(bytes.size());
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = pread(file, bytes.data() + have, bytes.size() - have, begin + static_cast<off_t>(have));
    if (got == 0) break;
    if (got < 0 && errno != EINTR) return Unreadable();
    if (got > 0) have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

void AuditTail::Read(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = std::min(bytes.find('\n'), bytes.size());
    const absl::string_view line_break = bytes.substr(length, 1);
    TakeLine(bytes.substr(0, length), line_break);
    inside_line_ = line_break.empty();
    bytes.remove_prefix(length + line_break.size());
  }
}

void AuditTail::TakeLine(absl::string_view line, absl::string_view line_break) {
  // The rest of a whole line is its line break.
  if (inside_line_ && torn_bytes_ == 0 && line.empty()) return;
  const auto sealed = inside_line_ ? std::nullopt : ParseSealedLine(line);
  if (sealed) {
    *this = AuditTail({sealed->sequence, std::string(sealed->hash)});
    return;
  }
  if (!torn_) torn_ = LinkAfter(head_);
  torn_->Add(line);
  torn_->Add(line_break);
  torn_bytes_ += static_cast<int64_t>(line.size() + line_break.size());
}

absl::StatusOr<AuditTail> ReadAuditTail(int file) {
  AuditTail tail;
  struct stat facts = {};
  if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0) return tail;
  auto bytes = LastBytes(file, facts.st_size);
  if (!bytes.ok()) return bytes.status();
  absl::string_view lines = *bytes;
  // The first of them may be the end of a line alone.
  if (bytes->size() < static_cast<size_t>(facts.st_size)) {
    lines.remove_prefix(std::min(lines.find('\n') + 1, lines.size()));
  }
  tail.Read(lines);
  return tail;
}

}  // namespace lumbar
