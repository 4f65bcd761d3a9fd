#include "common/store/postgresql_errors.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "common/store/errors.h"

namespace lumbar::store {
namespace {

TEST(PostgresqlErrors, SayWhatTheCallerCanDo) {
  EXPECT_TRUE(IsDuplicateKey(StatusOfSqlState("23505")));
  for (const char* retry : {"40001", "40P01"}) EXPECT_TRUE(IsStoreConflict(StatusOfSqlState(retry))) << retry;
  EXPECT_THAT(StatusOfSqlState("53100"), FailsWith(absl::StatusCode::kResourceExhausted, "STORE_FULL"));
  for (const char* busy : {"55P03", "57014", "53300", "53200"}) {
    EXPECT_THAT(StatusOfSqlState(busy), FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY")) << busy;
  }
  for (const char* lost : {"57P01", "57P02", "57P03", "25P03", "08006", "     "}) {
    EXPECT_THAT(StatusOfSqlState(lost), FailsWith(absl::StatusCode::kUnavailable, "STORE_UNREACHABLE")) << lost;
  }
  EXPECT_THAT(StatusOfSqlState("XX001"), FailsWith(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
  for (const char* ours : {"42601", "23502", "23503", "25006", "XX000"}) {
    EXPECT_THAT(StatusOfSqlState(ours), FailsWith(absl::StatusCode::kInternal, "STORE_FAILED")) << ours;
  }
}

}  // namespace
}  // namespace lumbar::store
