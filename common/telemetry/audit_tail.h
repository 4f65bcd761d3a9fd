// Where an audit log stands: what its next line is tied to.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/telemetry/audit_chain.h"

namespace lumbar {

// The end of a log. Not thread safe.
class AuditTail {
 public:
  // Of a log that is empty, or that ends with `head`.
  explicit AuditTail(AuditHead head = {}) : head_(std::move(head)) {}

  // Goes on over what follows in the file.
  void Read(absl::string_view bytes);

  // Of the last whole line; one that lacks nothing but its line break is whole.
  const AuditHead& head() const { return head_; }
  // Bytes after that line which are none: what was cut short.
  int64_t torn_bytes() const { return torn_bytes_; }
  // What the hash of the next line begins with; covers the torn bytes.
  Sha256Stream link() const { return torn_ ? *torn_ : LinkAfter(head_); }
  // The file doesn't end with a line break.
  bool inside_line() const { return inside_line_; }

 private:
  void TakeLine(absl::string_view line, absl::string_view line_break);

  AuditHead head_;
  // After the head and the torn bytes, if there are any.
  std::optional<Sha256Stream> torn_;
  int64_t torn_bytes_ = 0;
  bool inside_line_ = false;
};

// How far back a whole line is looked for: the longest two, and more than is ever written at once.
inline constexpr size_t kAuditTailBytes = 4 * kMostAuditLineBytes;

// Reads the end of a regular file, so that its length doesn't matter; any other file counts as empty. Without a whole
// line in it, as in a log that an older version wrote, all that was read is torn bytes: if the file is longer than
// that, no chain covers its beginning. UNAVAILABLE/AUDIT_UNREADABLE: it can't be read.
absl::StatusOr<AuditTail> ReadAuditTail(int file);

}  // namespace lumbar
