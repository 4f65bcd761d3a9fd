// Any bytes may stand in an audit log. What is read as a line must be exactly what writes one, and no bytes pass for a
// log, in whatever pieces they come, unless writing gives the same ones.
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <cstdint>
#include <cstdlib>

#include "common/telemetry/audit_tail.h"
#include "common/telemetry/audit_verifier.h"

namespace lumbar {
namespace {

// A line of what was hashed of another, after `before`.
std::string Again(const SealedLine& line, const AuditHead& before) {
  absl::string_view members = line.hashed;
  if (!absl::ConsumePrefix(&members, absl::StrCat("{\"sequence\":", line.sequence, ","))) std::abort();
  std::string text;
  AppendSealed(line.sequence, LinkAfter(before), members, text);
  return text;
}

AuditVerdict VerdictOf(absl::string_view bytes, size_t piece) {
  AuditVerifier verifier;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) verifier.Read(bytes.substr(0, piece));
  return verifier.Finish();
}

void Try(absl::string_view bytes) {
  const AuditVerdict whole = VerdictOf(bytes, bytes.size() + 1);
  const AuditVerdict pieces = VerdictOf(bytes, 1 + bytes.size() % 7);
  if (whole.fault != pieces.fault || whole.line != pieces.line || whole.head != pieces.head) std::abort();
  AuditTail tail;
  tail.Read(bytes);
  if (!whole.fault && whole.head != tail.head()) std::abort();
  if (const auto head = ParseAuditHead(bytes); head && ToText(*head) != bytes) std::abort();
  const auto line = ParseSealedLine(bytes);
  if (!line) return;
  // Sealed after any other line it is another, and both are lines.
  const std::string again = Again(*line, {line->sequence, std::string(64, 'f')});
  const auto parsed = ParseSealedLine(absl::StripSuffix(again, "\n"));
  if (!parsed || parsed->hashed != line->hashed || parsed->torn_bytes != line->torn_bytes) std::abort();
  // After the right one it is accepted.
  if (line->torn_bytes == 0 && bytes.find('\n') == absl::string_view::npos && bytes.size() < kMostAuditLineBytes) {
    AuditVerifier verifier({line->sequence - 1, std::string(64, 'f')});
    verifier.Read(again);
    if (verifier.Finish().fault) std::abort();
  }
}

}  // namespace
}  // namespace lumbar

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lumbar::Try({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
