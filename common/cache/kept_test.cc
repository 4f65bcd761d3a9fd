#include "common/cache/kept.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace lumbar::cache {
namespace {

constexpr absl::Time kRead = absl::FromUnixMicros(1'700'000'000'000'001);

TEST(Kept, ComesBackAsItWasPacked) {
  for (const char* stamp : {"", "!0123"}) {
    for (const Bytes& bytes :
         {Bytes(), std::make_shared<const std::string>(), std::make_shared<const std::string>("a b -\n\0c", 8)}) {
      const auto kept = Kept::Unpack(Kept{kRead, stamp, bytes}.Pack());
      ASSERT_TRUE(kept.has_value());
      EXPECT_EQ(kept->read_time, kRead);
      EXPECT_EQ(kept->stamp, stamp);
      ASSERT_EQ(kept->bytes == nullptr, bytes == nullptr);
      if (bytes != nullptr) {
        EXPECT_EQ(*kept->bytes, *bytes);
      }
    }
  }
}

TEST(Kept, RefusesWhateverIsNotPackedSo) {
  for (const char* packed : {"", "\n", "5 s +", "5 s -\nx", "5 s\nx", "5 s + x\n", "5 s *\n", "+5 s +\n", "05 s +\n",
                             "\t5 s +\n", "x s +\n", "99999999999999999999 s +\n"}) {
    EXPECT_FALSE(Kept::Unpack(packed).has_value()) << packed;
  }
}

}  // namespace
}  // namespace lumbar::cache
