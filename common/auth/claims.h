// The second half of Verify: the payload of a token whose signature holds. Apart, so that it can be fuzzed without one.
#pragma once

#include "common/auth/jwt.h"

namespace lumbar::auth {

// The claims in `payload` if they meet `expected` at `now`; refuses as Verify does.
absl::StatusOr<Claims> ReadClaims(absl::string_view payload, const Expectations& expected, absl::Time now);

}  // namespace lumbar::auth
