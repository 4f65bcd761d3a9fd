#include "services/gateway/edge/strict_json.h"

#include <absl/container/flat_hash_set.h>
#include <simdjson.h>

#include <algorithm>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

using simdjson::dom::element;

// Two parsers that choose different values of one key can be played against each other, so a key comes once.
// Recursion is as deep as the text, which the parser has bounded.
bool HasRepeatedKey(element node) {
  simdjson::dom::array array;
  if (node.get(array) == simdjson::SUCCESS) return std::any_of(array.begin(), array.end(), HasRepeatedKey);
  simdjson::dom::object object;
  if (node.get(object) != simdjson::SUCCESS) return false;
  absl::flat_hash_set<absl::string_view> keys;
  for (const auto field : object) {
    if (!keys.insert(absl::string_view(field.key.data(), field.key.size())).second) return true;
    if (HasRepeatedKey(field.value)) return true;
  }
  return false;
}

}  // namespace

absl::Status CheckJson(absl::string_view text) {
  // Kept for its buffers, which grow to about ten times the largest body a thread has seen.
  thread_local simdjson::dom::parser parser;
  // The parser counts the document as one level and refuses on reaching its limit.
  // It refuses on reaching its limit.
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
  return absl::OkStatus();
}

}  // namespace lumbar::gateway
