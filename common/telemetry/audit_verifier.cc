#include "common/telemetry/audit_verifier.h"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <utility>

namespace lumbar {

absl::string_view NameOf(AuditFault fault) {
  switch (fault) {
    case AuditFault::kEdited:
      return "EDITED";
    case AuditFault::kDeleted:
      return "DELETED";
    case AuditFault::kReordered:
      return "REORDERED";
    case AuditFault::kInserted:
      return "INSERTED";
    case AuditFault::kGarbled:
      return "GARBLED";
    case AuditFault::kUnfinished:
      return "UNFINISHED";
    case AuditFault::kTruncated:
      return "TRUNCATED";
    case AuditFault::kRewritten:
      break;
  }
  return "REWRITTEN";
}

AuditVerifier::AuditVerifier(AuditHead after, std::vector<AuditHead> published)
    : published_(std::move(published)), head_(std::move(after)), link_(LinkAfter(head_)) {
  for (const AuditHead& head : published_) {
    if (head.sequence == head_.sequence && head != head_) Fail(AuditFault::kRewritten, 1);
  }
}

void AuditVerifier::Read(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = bytes.find('\n');
    const bool is_whole = length != absl::string_view::npos;
    const absl::string_view piece = bytes.substr(0, length);
    // Of a line that is too long to be one, its first bytes are kept alone.
    partial_.append(piece.data(),
                    std::min(piece.size(), kMostAuditLineBytes - std::min(kMostAuditLineBytes, partial_.size())));
    if (!is_whole) return;
    partial_.size() < kMostAuditLineBytes ? TakeLine(partial_) : Fail(AuditFault::kGarbled, line_ + 1);
    ++line_;
    partial_.clear();
    bytes.remove_prefix(length + 1);
  }
}

void AuditVerifier::TakeLine(absl::string_view line) {
  const auto sealed = ParseSealedLine(line);
  if (fault_) {
    // The line that was missed was moved.
    if (fault_ == AuditFault::kDeleted && sealed && sealed->sequence == head_.sequence + 1) {
      fault_ = AuditFault::kReordered;
    }
    return;
  }
  if (sealed) return TakeWhole(*sealed);
  TakeTorn(line);
  TakeTorn("\n");
}

void AuditVerifier::TakeTorn(absl::string_view bytes) {
  if (torn_bytes_ == 0) torn_line_ = line_ + 1;
  link_.Add(bytes);
  torn_bytes_ += static_cast<int64_t>(bytes.size());
}

void AuditVerifier::TakeWhole(const SealedLine& sealed) {
  const int64_t here = line_ + 1;
  // No line tells of them.
  if (torn_bytes_ > 0 && sealed.torn_bytes == 0) return Fail(AuditFault::kGarbled, torn_line_);
  const int64_t due = head_.sequence + 1;
  if (sealed.sequence > due) return Fail(AuditFault::kDeleted, here);
  if (sealed.sequence < due) return Fail(AuditFault::kInserted, here);
  link_.Add(sealed.hashed);
  const std::string hash = absl::BytesToHexString(std::exchange(link_, Sha256Stream()).Finish());
  if (sealed.torn_bytes != torn_bytes_ || hash != sealed.hash) {
    return Fail(AuditFault::kEdited, torn_bytes_ > 0 ? torn_line_ : here);
  }
  for (const AuditHead& head : published_) {
    if (head.sequence == due && head.hash != hash) return Fail(AuditFault::kRewritten, here);
  }
  head_ = {due, hash};
  link_ = LinkAfter(head_);
  torn_bytes_ = 0;
  ++lines_;
}

void AuditVerifier::Fail(AuditFault fault, int64_t line) {
  if (fault_) return;
  fault_ = fault;
  fault_line_ = line;
}

AuditVerdict AuditVerifier::Finish() {
  if (!partial_.empty()) TakeTorn(partial_);
  if (torn_bytes_ > 0) Fail(AuditFault::kUnfinished, torn_line_);
  for (const AuditHead& head : published_) {
    if (head.sequence > head_.sequence) Fail(AuditFault::kTruncated, line_ + 1);
  }
  return {fault_, fault_line_, lines_, head_};
}

}  // namespace lumbar
