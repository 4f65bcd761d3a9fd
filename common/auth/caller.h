// Whoever makes a call, as the verified token says.
#pragma once

#include <string>

#include "lumbar/options/v1/options.pb.h"

namespace lumbar::auth {

struct Caller {
  // The token's `sub`, e.g. "patients/17".
  std::string subject;
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
};

}  // namespace lumbar::auth
