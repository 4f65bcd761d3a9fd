#include "common/auth/encoding.h"

#include <absl/strings/escaping.h>
#include <simdjson.h>

namespace lumbar::auth {
namespace {

constexpr int kMaxDepth = 16;

bool Copy(const simdjson::dom::element& from, int depth, nlohmann::json& to);

bool CopyArray(const simdjson::dom::array& from, int depth, nlohmann::json& to) {
  to = nlohmann::json::array();
  for (const auto item : from) {
    if (!Copy(item, depth + 1, to.emplace_back())) return false;
  }
  return true;
}

bool CopyObject(const simdjson::dom::object& from, int depth, nlohmann::json& to) {
  to = nlohmann::json::object();
  for (const auto& [name, value] : from) {
    const auto [member, fresh] = to.emplace(std::string(name), nullptr);
    if (!fresh || !Copy(value, depth + 1, *member)) return false;
  }
  return true;
}

bool Copy(const simdjson::dom::element& from, int depth, nlohmann::json& to) {
  using Type = simdjson::dom::element_type;
  if (depth > kMaxDepth) return false;
  switch (from.type()) {
    case Type::OBJECT:
      return CopyObject(simdjson::dom::object(from), depth, to);
    case Type::ARRAY:
      return CopyArray(simdjson::dom::array(from), depth, to);
    case Type::STRING:
      to = std::string(std::string_view(from));
      return true;
    case Type::INT64:
      to = int64_t{from};
      return true;
    case Type::UINT64:
      to = uint64_t{from};
      return true;
    case Type::DOUBLE:
      to = double{from};
      return true;
    case Type::BOOL:
      to = bool{from};
      return true;
    case Type::NULL_VALUE:
      to = nullptr;
      return true;
  }
  return false;
}

}  // namespace

std::string Base64UrlEncode(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

std::optional<std::string> Base64UrlDecode(absl::string_view text) {
  std::string bytes;
  // Abseil's decoder is lax; only the canonical text encodes back to itself.
  if (!absl::WebSafeBase64Unescape(text, &bytes) || Base64UrlEncode(bytes) != text) return std::nullopt;
  return bytes;
}

std::optional<nlohmann::json> ParseStrictObject(absl::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  nlohmann::json result;
  if (!CopyObject(object, 1, result)) return std::nullopt;
  return result;
}

const std::string* TextMember(const nlohmann::json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

}  // namespace lumbar::auth
