#include "tools/cli/event_stream.h"

#include <absl/strings/strip.h>

#include <utility>

namespace lumbar::cli {
namespace {

constexpr size_t kMostBytes = 1 << 20;

}  // namespace

bool EventReader::Read(absl::string_view bytes, absl::FunctionRef<bool(const ServerEvent&)> take) {
  unread_.append(bytes.data(), bytes.size());
  absl::string_view rest = unread_;
  bool wants_more = true;
  for (size_t end = rest.find('\n'); wants_more && end != rest.npos; end = rest.find('\n')) {
    absl::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (absl::ConsumePrefix(&line, "event: ")) {
      event_.type = std::string(line);
    } else if (absl::ConsumePrefix(&line, "data: ")) {
      event_.data += std::string(line);
    } else if (line.empty() && !event_.data.empty()) {
      wants_more = take(std::exchange(event_, {}));
    }
  }
  unread_ = std::string(rest);
  return wants_more && unread_.size() + event_.data.size() <= kMostBytes;
}

}  // namespace lumbar::cli
