#include "common/store/page_token.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"

namespace lumbar::store {
namespace {

const auto kRefused = FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN");

TEST(PageToken, ComesBackAsTheKeyItHolds) {
  const std::string key("articles/a\0\xff/+", 15);
  EXPECT_THAT(DecodePageToken(EncodePageToken(key, "topic=sciatica"), "topic=sciatica"), IsOkAndHolds(key));
}

TEST(PageToken, IsSafeInAUrl) {
  for (char c = 0; c < 127; ++c) {
    EXPECT_EQ(EncodePageToken(std::string(5, c), "q").find_first_of("+/&?"), std::string::npos);
  }
}

TEST(PageToken, MeansTheFirstPageWhenEmpty) { EXPECT_THAT(DecodePageToken("", "q"), IsOkAndHolds("")); }

TEST(PageToken, IsRefusedForAnotherQuery) {
  EXPECT_THAT(DecodePageToken(EncodePageToken("key", "topic=sciatica"), "topic=running"), kRefused);
}

TEST(PageToken, IsRefusedWithAnyCharacterChanged) {
  const std::string token = EncodePageToken("articles/abcdef", "q");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(DecodePageToken(forged, "q"), kRefused) << i;
  }
}

TEST(PageToken, IsRefusedWhenMadeUp) {
  const std::vector<std::string> made_up = {"x", "%%%", "AAAA", std::string(1 << 20, 'A')};
  for (const std::string& token : made_up) {
    EXPECT_THAT(DecodePageToken(token, "q"), kRefused);
  }
}

TEST(PageSize, HasADefaultAndABound) {
  EXPECT_THAT(PageSize(0, 20, 100), IsOkAndHolds(20));
  EXPECT_THAT(PageSize(7, 20, 100), IsOkAndHolds(7));
  EXPECT_THAT(PageSize(5000, 20, 100), IsOkAndHolds(100));
  EXPECT_THAT(PageSize(-1, 20, 100), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

}  // namespace
}  // namespace lumbar::store
