#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace lumbar::booking {

// The path of a file with this text, until the next one is made.
inline std::string SecretFile(const std::string& text) {
  std::string path = ::testing::TempDir() + "booking.secret";
  std::ofstream(path) << text;
  return path;
}

}  // namespace lumbar::booking
