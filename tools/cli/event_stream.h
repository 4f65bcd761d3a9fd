// Answers that go on: server-sent events, as the gateway writes them.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::cli {

struct ServerEvent {
  // "error" for the last of a stream that failed; empty otherwise.
  std::string type;
  std::string data;
};

// Makes events of bytes that come in any pieces.
class EventReader {
 public:
  // Adds `bytes` and gives `take` each event that is whole by now, until it returns false; then so does this. False
  // also if one event grows over 1 MiB.
  bool Read(absl::string_view bytes, absl::FunctionRef<bool(const ServerEvent&)> take);

 private:
  std::string unread_;
  ServerEvent event_;
};

}  // namespace lumbar::cli
