// What a patient reads about the state of a consult.
#pragma once

#include <string>

#include "lumbar/consult/v1/consult.pb.h"

namespace lumbar::gateway {

// Plain and calm, for every state; at the emergency levels triage's own instructions.
std::string GuidanceFor(const consult::v1::Consult& consult);

}  // namespace lumbar::gateway
