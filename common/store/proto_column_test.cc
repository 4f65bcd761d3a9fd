#include "common/store/proto_column.h"

#include <gmock/gmock.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/rpc/error_details.pb.h>

#include "common/status/matchers.h"

namespace lumbar::store {
namespace {

using google::rpc::ErrorInfo;
using testing::HasSubstr;
using testing::Not;

TEST(ProtoColumn, GivesBackTheMessage) {
  ErrorInfo message;
  message.set_reason("Gr\xc3\xbc\xc3\x9f");
  (*message.mutable_metadata())["k"] = "v";
  ASSERT_OK_AND_ASSIGN(const std::string text, ToColumn(message));
  ASSERT_OK_AND_ASSIGN(const auto read, FromColumn<ErrorInfo>(text));
  EXPECT_EQ(read.SerializeAsString(), message.SerializeAsString());
}

TEST(ProtoColumn, SkipsAFieldOfANewerProgram) {
  ASSERT_OK_AND_ASSIGN(const auto read, FromColumn<ErrorInfo>(R"({"reason":"R","not_invented_yet":1})"));
  EXPECT_EQ(read.reason(), "R");
}

TEST(ProtoColumn, NeverTellsWhatItCouldNotRead) {
  const auto read = FromColumn<ErrorInfo>("{\"reason\": patient-canary");
  EXPECT_THAT(read, FailsWith(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
  EXPECT_THAT(read.status().ToString(), Not(HasSubstr("canary")));
  EXPECT_THAT(read.status().ToString(), HasSubstr("google.rpc.ErrorInfo"));
}

TEST(ProtoColumn, RefusesAMessageWithoutAJsonForm) {
  google::protobuf::Timestamp beyond;
  beyond.set_seconds(int64_t{1} << 60);
  EXPECT_THAT(ToColumn(beyond), FailsWith(absl::StatusCode::kInternal, "STORE_FAILED"));
}

TEST(Micros, KeepATimeToTheMicrosecond) {
  const absl::Time time = absl::FromUnixMicros(-1'234'567);
  EXPECT_EQ(FromMicros(Micros(time)), time);
}

}  // namespace
}  // namespace lumbar::store
