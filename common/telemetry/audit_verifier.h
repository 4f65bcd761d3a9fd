// Says whether an audit log is what was written, or where it first isn't.
#pragma once

#include <absl/strings/string_view.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/telemetry/audit_chain.h"

namespace lumbar {

enum class AuditFault {
  // A line, or its hash, was changed.
  kEdited,
  // Lines between this one and the one before it are gone.
  kDeleted,
  // A line that belongs before this one stands behind it.
  kReordered,
  // A line of another place, or of another chain, was put in.
  kInserted,
  // Bytes that are no line, and of which no later line says that a write was cut short there.
  kGarbled,
  // The same at the end: also what a write that was cut short, or is under way, looks like.
  kUnfinished,
  // The log ends before a head that was written down.
  kTruncated,
  // The line with a written down head's number isn't that head: the log was made anew.
  kRewritten,
};

// "EDITED".
absl::string_view NameOf(AuditFault fault);

struct AuditVerdict {
  // Nothing: every line is as it was written, as far as hashes and heads can tell.
  std::optional<AuditFault> fault;
  // Where the fault was found, counted from 1 in what was read. A truncated log's is the one after its last.
  int64_t line = 0;
  // Lines that hold, the torn ones among them left out, and the last of them.
  int64_t lines = 0;
  AuditHead head;
};

// Reads a log from its beginning, or from behind a line that is known, in pieces of any size; keeps one line of it.
// Without a head that was written down, lines missing at the end can't be missed, nor a log that was made anew.
class AuditVerifier {
 public:
  // `after`: the line before the first that is read. `published`: heads that were written down, in any order, none of
  // them before `after`.
  explicit AuditVerifier(AuditHead after = {}, std::vector<AuditHead> published = {});

  void Read(absl::string_view bytes);
  // Lines whose beginning was read, torn ones too.
  int64_t lines_begun() const { return line_ + (partial_.empty() ? 0 : 1); }
  // Once, at the end.
  AuditVerdict Finish();

 private:
  void TakeLine(absl::string_view line);
  void TakeWhole(const SealedLine& sealed);
  void TakeTorn(absl::string_view bytes);
  void Fail(AuditFault fault, int64_t line);

  const std::vector<AuditHead> published_;
  // The last line that holds, and what the next line's hash begins with.
  AuditHead head_;
  Sha256Stream link_;
  int64_t lines_ = 0;
  // Since then: bytes that are no line, and where they begin.
  int64_t torn_bytes_ = 0;
  int64_t torn_line_ = 0;
  // Whole lines read, and what was read of the next.
  int64_t line_ = 0;
  std::string partial_;
  std::optional<AuditFault> fault_;
  int64_t fault_line_ = 0;
};

}  // namespace lumbar
