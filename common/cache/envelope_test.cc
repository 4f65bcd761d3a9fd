#include "common/cache/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lumbar::cache {
namespace {

using ::testing::Eq;
using ::testing::Optional;

const std::string kPayload("a\0b\xff", 4);

TEST(Envelope, GivesBackWhatWasSealed) {
  EXPECT_THAT(Decode(3, "articles/1", Encode(3, "articles/1", kPayload)), Optional(kPayload));
  EXPECT_THAT(Decode(3, "", Encode(3, "", "")), Optional(std::string()));
}

TEST(Envelope, RefusesAnotherKeysValue) {
  EXPECT_THAT(Decode(3, "articles/2", Encode(3, "articles/1", kPayload)), Eq(std::nullopt));
  EXPECT_THAT(Decode(3, "a", Encode(3, "ab", "c")), Eq(std::nullopt));
}

TEST(Envelope, RefusesAnotherSchema) {
  EXPECT_THAT(Decode(4, "articles/1", Encode(3, "articles/1", kPayload)), Eq(std::nullopt));
}

TEST(Envelope, RefusesAKeyMovedIntoThePayload) {
  std::string value = Encode(3, "ab", "c");
  value.insert(value.size() - 1, "b");
  EXPECT_THAT(Decode(3, "a", value), Eq(std::nullopt));
}

TEST(Envelope, RefusesEveryFlippedBitAndEveryTruncation) {
  const std::string sealed = Encode(3, "articles/1", kPayload);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string damaged = sealed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_THAT(Decode(3, "articles/1", damaged), Eq(std::nullopt)) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_THAT(Decode(3, "articles/1", absl::string_view(sealed).substr(0, size)), Eq(std::nullopt)) << size;
  }
  EXPECT_THAT(Decode(3, "articles/1", sealed + "x"), Eq(std::nullopt));
}

}  // namespace
}  // namespace lumbar::cache
