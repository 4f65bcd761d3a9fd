// A stand-in for somebody else's service: a script of tests/support, run by node; for tests only.
#pragma once

#include <absl/strings/string_view.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

#include "services/notification/testing/child.h"

namespace lumbar::notification {

// The account that text_provider.mjs knows; its token is "12345".
inline constexpr char kSampleAccount[] = "AC00000000000000000000000000000001";

// Listens on a free port of 127.0.0.1, ready when constructed. A failure to start ends the test program.
class StandIn {
 public:
  explicit StandIn(const std::string& script, const std::vector<std::string>& arguments = {});

  // "http://127.0.0.1:<port>"
  std::string url() const;
  // What it says of itself at `path`.
  nlohmann::json Get(absl::string_view path) const;
  void Kill() { child_->Kill(); }

 private:
  std::optional<Child> child_;
  std::string port_;
};

}  // namespace lumbar::notification
