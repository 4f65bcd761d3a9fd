#include "common/telemetry/audit_chain.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <utility>

namespace lumbar {
namespace {

constexpr absl::string_view kSequence = "{\"sequence\":";
constexpr absl::string_view kTornBytes = ",\"torn_bytes\":";
constexpr absl::string_view kHash = ",\"hash\":\"";
constexpr absl::string_view kEnd = "\"}";
constexpr size_t kHashDigits = 64;

bool IsHash(absl::string_view text) {
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

// Takes a number from 1 off the front of `text`, written in the one way that we write it.
std::optional<int64_t> TakeNumber(absl::string_view& text) {
  const auto* const end = std::find_if_not(text.begin(), text.end(),
                                           [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  const absl::string_view digits = text.substr(0, static_cast<size_t>(end - text.begin()));
  int64_t number = 0;
  if (digits.empty() || digits.front() == '0' || !absl::SimpleAtoi(digits, &number)) return std::nullopt;
  text.remove_prefix(digits.size());
  return number;
}

}  // namespace

std::string ToText(const AuditHead& head) { return absl::StrCat(head.sequence, ":", head.hash); }

std::optional<AuditHead> ParseAuditHead(absl::string_view text) {
  const auto sequence = TakeNumber(text);
  if (!sequence || !absl::ConsumePrefix(&text, ":") || !IsHash(text)) return std::nullopt;
  return AuditHead{*sequence, std::string(text)};
}

Sha256Stream LinkAfter(const AuditHead& head) {
  Sha256Stream link;
  link.Add(head.hash);
  return link;
}

AuditHead AppendSealed(int64_t sequence, Sha256Stream link, absl::string_view members, std::string& to) {
  const size_t begin = to.size();
  absl::StrAppend(&to, kSequence, sequence, ",", members);
  link.Add(absl::string_view(to).substr(begin));
  AuditHead head{sequence, absl::BytesToHexString(std::move(link).Finish())};
  absl::StrAppend(&to, kHash, head.hash, kEnd, "\n");
  return head;
}

std::optional<SealedLine> ParseSealedLine(absl::string_view line) {
  if (line.size() < kHash.size() + kHashDigits + kEnd.size()) return std::nullopt;
  SealedLine sealed;
  sealed.hashed = line.substr(0, line.size() - kHash.size() - kHashDigits - kEnd.size());
  absl::string_view rest = line.substr(sealed.hashed.size());
  if (!absl::ConsumePrefix(&rest, kHash) || !absl::ConsumeSuffix(&rest, kEnd) || !IsHash(rest)) return std::nullopt;
  sealed.hash = rest;
  rest = sealed.hashed;
  if (!absl::ConsumePrefix(&rest, kSequence)) return std::nullopt;
  const auto sequence = TakeNumber(rest);
  if (!sequence) return std::nullopt;
  sealed.sequence = *sequence;
  if (absl::ConsumePrefix(&rest, kTornBytes)) {
    const auto torn_bytes = TakeNumber(rest);
    if (!torn_bytes) return std::nullopt;
    sealed.torn_bytes = *torn_bytes;
  }
  return absl::StartsWith(rest, ",") ? std::optional(sealed) : std::nullopt;
}

}  // namespace lumbar
