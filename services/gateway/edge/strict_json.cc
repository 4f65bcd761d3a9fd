#include "services/gateway/edge/strict_json.h"

#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

#include <algorithm>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

using simdjson::dom::element;

// So many are compared one by one sooner than they are hashed.
constexpr size_t kFewKeys = 8;

// Two parsers that choose different values of one key can be played against each other, so a key comes once.
// Recursion is as deep as the text, which the parser has bounded.
bool HasRepeatedKey(element node) {
  simdjson::dom::array array;
  if (node.get(array) == simdjson::SUCCESS) return std::any_of(array.begin(), array.end(), HasRepeatedKey);
  simdjson::dom::object object;
  if (node.get(object) != simdjson::SUCCESS) return false;
  absl::InlinedVector<absl::string_view, kFewKeys> few;
  absl::flat_hash_set<absl::string_view> many;
  for (const auto field : object) {
    const absl::string_view key(field.key.data(), field.key.size());
    if (few.size() < kFewKeys) {
      if (std::find(few.begin(), few.end(), key) != few.end()) return true;
      few.push_back(key);
    } else {
      if (many.empty()) many.insert(few.begin(), few.end());
      if (!many.insert(key).second) return true;
    }
    if (HasRepeatedKey(field.value)) return true;
  }
  return false;
}

}  // namespace

absl::Status CheckJson(absl::string_view text) { return ParseJson(text).status(); }

absl::StatusOr<element> ParseJson(absl::string_view text) {
  // Kept for its buffers, which grow to about ten times the largest body a thread has seen.
  thread_local simdjson::dom::parser parser;
  // The parser counts the document as one level and refuses on reaching its limit.
  if (text.size() > parser.capacity() || parser.max_depth() != kMaxJsonDepth + 1) {
    if (parser.allocate(std::max(text.size(), parser.capacity()), kMaxJsonDepth + 1) != simdjson::SUCCESS) {
      return InternalFailure();
    }
  }
  element root;
  const auto error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::DEPTH_ERROR) return MalformedJson("it is nested too deep");
  if (error != simdjson::SUCCESS) return MalformedJson("RFC 8259 doesn't allow this text");
  if (HasRepeatedKey(root)) return MalformedJson("an object has the same key twice");
  return root;
}

}  // namespace lumbar::gateway
