#include "services/gateway/fhir/names.h"

#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <array>
#include <charconv>
#include <vector>

#include "common/digest/sha256.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"

namespace lumbar::gateway::fhir {
namespace {

constexpr absl::string_view kHeld = "hold.";
constexpr int kBase = 36;
constexpr size_t kDigestBytes = 8;
constexpr size_t kLongestMinutes = 8;
constexpr size_t kUuidLength = 36;

std::string Minutes(absl::Time time) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), absl::ToUnixSeconds(time) / 60, kBase);
  return {digits.data(), end.ptr};
}

std::optional<absl::Time> ReadMinutes(absl::string_view digits) {
  int64_t minutes = 0;
  const char* end = digits.data() + digits.size();
  if (digits.empty() || digits.size() > kLongestMinutes) return std::nullopt;
  const auto read = std::from_chars(digits.data(), end, minutes, kBase);
  if (read.ec != std::errc() || read.ptr != end || minutes < 0) return std::nullopt;
  return absl::FromUnixSeconds(minutes * 60);
}

}  // namespace

std::string IdOf(absl::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

Json ReferenceTo(absl::string_view type, absl::string_view name) {
  return {{"reference", absl::StrCat(type, "/", IdOf(name))}};
}

Json Concept(absl::string_view system, absl::string_view code) {
  return {{"coding", Json::array({Json{{"system", std::string(system)}, {"code", std::string(code)}}})}};
}

absl::StatusOr<std::string> ReadReference(absl::string_view reference, absl::string_view type, absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(reference, '/');
  const size_t count = parts.size();
  if (count < 2 || parts[count - 2] != type || parts[count - 1].empty()) {
    return InvalidField(path, absl::StrCat("must be a reference to a ", type, ", like ", type, "/an-id"));
  }
  return std::string(parts[count - 1]);
}

absl::StatusOr<std::string> ReadReference(const Element& element, absl::string_view type) {
  LUMBAR_ASSIGN_OR_RETURN(const Element part, element.Get("reference"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string reference, part.Text());
  return ReadReference(reference, type, part.path());
}

std::string SlotId(const booking::v1::Slot& slot) {
  const std::string digest = Sha256(absl::StrCat(slot.clinician(), "\n", slot.visit_type()));
  return absl::StrCat(Minutes(FromProto(slot.start_time())), ".",
                      absl::BytesToHexString(digest.substr(0, kDigestBytes)));
}

std::string ProposalId(absl::string_view consult, const booking::v1::Slot& slot) {
  return absl::StrCat(IdOf(consult), ".", SlotId(slot));
}

std::optional<Proposal> ReadProposalId(absl::string_view id) {
  const std::vector<absl::string_view> parts = absl::StrSplit(id, '.');
  if (parts.size() != 3 || parts[0].size() != kUuidLength || parts[2].size() != 2 * kDigestBytes) return std::nullopt;
  const auto start = ReadMinutes(parts[1]);
  if (!start) return std::nullopt;
  return Proposal{absl::StrCat("consults/", parts[0]), *start, absl::StrCat(parts[1], ".", parts[2])};
}

std::string HeldId(absl::string_view hold) { return absl::StrCat(kHeld, IdOf(hold)); }

std::optional<std::string> ReadHeldId(absl::string_view id) {
  if (!absl::ConsumePrefix(&id, kHeld)) return std::nullopt;
  return absl::StrCat("holds/", id);
}

}  // namespace lumbar::gateway::fhir
