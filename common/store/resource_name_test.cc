#include "common/store/resource_name.h"

#include <gmock/gmock.h>

namespace lumbar::store {
namespace {

TEST(ResourceName, IsItsCollectionAndARandomUuid) {
  EXPECT_THAT(NewName("holds"), testing::ContainsRegex("^holds/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                                       "[0-9a-f]{12}$"));
}

TEST(ResourceName, IsNeverTheSameTwice) { EXPECT_NE(NewUuid(), NewUuid()); }

}  // namespace
}  // namespace lumbar::store
