#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <re2/re2.h>
#include <simdjson.h>

#include <algorithm>

#include "common/validation/plain_pattern.h"
#include "common/validation/rules.h"

namespace lumbar::validation {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::string_view TextOf(const Value& value) { return std::get<absl::string_view>(value); }

bool IsUtf8(absl::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

// Of well-formed UTF-8: every byte but continuation bytes begins one.
uint64_t CodePoints(absl::string_view text) {
  return static_cast<uint64_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool Matches(absl::string_view text, const RE2& pattern) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

absl::StatusOr<std::shared_ptr<const RE2>> Compile(absl::string_view pattern) {
  auto compiled = std::make_shared<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
  if (!compiled->ok()) return CannotEvaluate("pattern", compiled->error());
  return compiled;
}

std::string LengthText(bool least, bool most, uint64_t bound, bool bytes) {
  if (least && bound == 1) return "must not be empty";
  const char* const how = least ? "at least " : most ? "at most " : "exactly ";
  return absl::StrCat("must be ", how, bound, bytes ? " byte" : " character", bound == 1 ? "" : "s", " long");
}

// len, min_len, max_len and the same in bytes. False when `rule` is another one.
bool AddLengthCheck(const Rule& rule, bool text, std::vector<Check>& checks) {
  const auto& name = rule.name();
  const bool bytes = !text || absl::EndsWith(name, "_bytes");
  const bool least = absl::StartsWith(name, "min_");
  const bool most = absl::StartsWith(name, "max_");
  if (!least && !most && name != "len" && name != "len_bytes") return false;
  const auto bound = std::get<uint64_t>(rule.value());
  checks.push_back({LengthText(least, most, bound, bytes), [=](const Value& value, absl::Time) {
                      const uint64_t length = bytes ? TextOf(value).size() : CodePoints(TextOf(value));
                      return least ? length >= bound : most ? length <= bound : length == bound;
                    }});
  return true;
}

// prefix, suffix, contains, not_contains. False when `rule` is another one.
bool AddPartCheck(const Rule& rule, std::vector<Check>& checks) {
  const auto add = [&](absl::string_view verb, bool (*holds)(absl::string_view, absl::string_view)) {
    const auto part = TextOf(rule.value());
    checks.push_back({absl::StrCat("must ", verb, " \"", absl::CHexEscape(part), "\""),
                      [=](const Value& value, absl::Time) { return holds(TextOf(value), part); }});
    return true;
  };
  using View = absl::string_view;
  if (rule.name() == "prefix") return add("begin with", [](View a, View b) { return absl::StartsWith(a, b); });
  if (rule.name() == "suffix") return add("end with", [](View a, View b) { return absl::EndsWith(a, b); });
  if (rule.name() == "contains") return add("contain", [](View a, View b) { return absl::StrContains(a, b); });
  if (rule.name() == "not_contains") return add("not contain", [](View a, View b) { return !absl::StrContains(a, b); });
  return false;
}

bool IsUuid(absl::string_view text) {
  static const RE2 pattern("^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$");
  return Matches(text, pattern);
}

// The HTML standard's grammar, which protovalidate and browsers share.
bool IsEmail(absl::string_view text) {
  static const RE2 pattern(
      "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
      "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$");
  return Matches(text, pattern);
}

// RFC 1034 names; the last label isn't all digits, so that an IPv4 address is none.
bool IsHostname(absl::string_view text) {
  static const RE2 labels("^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.|$))+$");
  static const RE2 digits_last("(?:^|\\.)[0-9]+\\.?$");
  return text.size() <= 253 && Matches(text, labels) && !Matches(text, digits_last);
}

// email, uuid, hostname. False when `rule` is another one.
bool AddFormatCheck(const Rule& rule, std::vector<Check>& checks) {
  const auto add = [&](absl::string_view what, bool (*holds)(absl::string_view)) {
    if (std::get<bool>(rule.value())) {
      checks.push_back(
          {absl::StrCat("must be ", what), [=](const Value& value, absl::Time) { return holds(TextOf(value)); }});
    }
    return true;
  };
  if (rule.name() == "email") return add("an e-mail address", IsEmail);
  if (rule.name() == "uuid") return add("a UUID", IsUuid);
  if (rule.name() == "hostname") return add("a host name", IsHostname);
  return false;
}

absl::Status AddPatternCheck(const Rule& rule, std::vector<Check>& checks) {
  auto pattern = Compile(TextOf(rule.value()));
  if (!pattern.ok()) return pattern.status();
  const std::string fault = absl::StrCat("must match the pattern ", TextOf(rule.value()));
  if (auto plain = PlainPattern::Of(TextOf(rule.value()))) {
    checks.push_back(
        {fault, [plain = *std::move(plain)](const Value& value, absl::Time) { return plain.Matches(TextOf(value)); }});
  } else {
    checks.push_back(
        {fault, [pattern = *pattern](const Value& value, absl::Time) { return Matches(TextOf(value), *pattern); }});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Check>> TextChecks(const Message& rules, const FieldDescriptor& field) {
  const bool text = field.type() == FieldDescriptor::TYPE_STRING;
  std::vector<Check> checks;
  if (text) checks.push_back({"must be UTF-8", [](const Value& value, absl::Time) { return IsUtf8(TextOf(value)); }});
  for (const auto& rule : SetRules(rules)) {
    if (AddMembershipCheck(rule, checks) || AddLengthCheck(rule, text, checks) || AddPartCheck(rule, checks)) continue;
    if (text && AddFormatCheck(rule, checks)) continue;
    if (!text || rule.name() != "pattern") return CannotEvaluate(rule.name(), "not implemented");
    if (auto status = AddPatternCheck(rule, checks); !status.ok()) return status;
  }
  return checks;
}

}  // namespace lumbar::validation
