// Names of new resources (AIP-122).
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::store {

// A random UUID, version 4, in lower case: not to be guessed, and telling nothing about what it names.
std::string NewUuid();

// NewName("holds") is "holds/<uuid>".
std::string NewName(absl::string_view collection);

}  // namespace lumbar::store
