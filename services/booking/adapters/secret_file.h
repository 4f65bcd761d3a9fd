// Secrets that are kept in files.
#pragma once

#include <cstddef>
#include <string>

namespace lumbar::booking {

// HS256 with a shorter key is weaker than its hash (RFC 7518, section 3.2).
inline constexpr size_t kShortestSecret = 32;

// What the file holds, at most 4 KiB, without white space at its end; empty if it can't be read.
std::string ReadSecret(const std::string& path);

}  // namespace lumbar::booking
