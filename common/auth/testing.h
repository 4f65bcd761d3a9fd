// What tests of tokens share.
#pragma once
#include "common/status/matchers.h"

namespace lumbar::auth {

// When their tokens are issued, in seconds since 1970.
inline constexpr int64_t kNow = 1'700'000'000;

inline auto Refused(const char* reason) { return FailsWith(absl::StatusCode::kUnauthenticated, reason); }

}  // namespace lumbar::auth
