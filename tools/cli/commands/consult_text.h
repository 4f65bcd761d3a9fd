// A consult for a person to read.
#pragma once

#include <string>

#include "lumbar/consult/v1/consult.pb.h"

namespace lumbar::cli {

// Whether the patient was told to get help at once, also if the consult was called off since.
bool IsEmergency(const consult::v1::Consult& consult);

// Where it stands, what to do next, and the command that does it.
std::string ConsultText(const consult::v1::Consult& consult);

}  // namespace lumbar::cli
