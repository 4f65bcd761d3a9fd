// Files that are read in one go, such as keys and certificates.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace lumbar {

// All of the regular file at `path`; nothing if there is none, it is larger than `most` bytes, or reading it fails, at
// whatever byte.
std::optional<std::string> ReadWholeFile(const std::string& path, size_t most);

}  // namespace lumbar
