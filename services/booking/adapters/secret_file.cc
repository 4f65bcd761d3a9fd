#include "services/booking/adapters/secret_file.h"

#include <absl/strings/ascii.h>

#include <fstream>

namespace lumbar::booking {
namespace {

constexpr size_t kLongestSecret = 4096;

}  // namespace

std::string ReadSecret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLongestSecret, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

}  // namespace lumbar::booking
