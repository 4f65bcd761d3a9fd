#include "common/file/read_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace lumbar {
namespace {

class ReadWholeFileTest : public ::testing::Test {
 protected:
  ~ReadWholeFileTest() override { std::filesystem::remove(path_); }
  void Write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  const std::string path_ = std::filesystem::path(::testing::TempDir()) / "read_whole_file";
};

TEST_F(ReadWholeFileTest, ReadsAllOfAFileUpToABound) {
  for (const std::string& text : {std::string(), std::string("a\0b\n", 4)}) {
    Write(text);
    EXPECT_EQ(ReadWholeFile(path_, 4), text);
  }
  Write("12345");
  EXPECT_EQ(ReadWholeFile(path_, 4), std::nullopt);
}

TEST_F(ReadWholeFileTest, HasNothingOfWhatIsNoFile) {
  EXPECT_EQ(ReadWholeFile(path_, 4), std::nullopt);
  EXPECT_EQ(ReadWholeFile(::testing::TempDir(), 4), std::nullopt);
}

TEST_F(ReadWholeFileTest, HasNothingOfAFileWhoseReadingFails) {
  // A regular file, of which there is nothing at its begin: EIO.
  EXPECT_EQ(ReadWholeFile("/proc/self/mem", 4), std::nullopt);
}

}  // namespace
}  // namespace lumbar
