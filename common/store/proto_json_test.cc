#include "common/store/proto_json.h"

#include <gmock/gmock.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <memory>
#include <vector>

namespace lumbar::store {
namespace {

using google::protobuf::Message;

std::string JsonUtilOf(const Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return text;
}

std::string Written(const Message& message) {
  std::string text = "before";
  EXPECT_TRUE(AppendJson(message, text));
  text = text.substr(std::string("before").size());
  const std::unique_ptr<Message> back(message.New());
  EXPECT_TRUE(ReadJson(text, *back)) << text;
  EXPECT_EQ(back->SerializeAsString(), message.SerializeAsString()) << text;
  return text;
}

void LeavesUnread(const std::string& text, Message&& message) {
  EXPECT_FALSE(ReadJson(text, message)) << text;
  EXPECT_EQ(message.ByteSizeLong(), 0u) << text;
}

void Refuses(const Message& message) {
  std::string text = "before";
  EXPECT_FALSE(AppendJson(message, text));
  EXPECT_EQ(text, "before");
}

TEST(ProtoJson, WritesTimesAsJsonUtilDoes) {
  for (const int64_t seconds : std::vector<int64_t>{-62135596800, -1, 0, 1, 1'700'000'000, 253402300799}) {
    for (const int nanos : {0, 1, 1'000, 120'000'000, 999'999'999}) {
      google::protobuf::Timestamp time;
      time.set_seconds(seconds);
      time.set_nanos(nanos);
      EXPECT_EQ(Written(time), JsonUtilOf(time));
    }
  }
}

TEST(ProtoJson, WritesWholeDurationsAsJsonUtilDoes) {
  for (const int64_t seconds : {0, 1, 1800, 86400}) {
    google::protobuf::Duration duration;
    duration.set_seconds(seconds);
    EXPECT_EQ(Written(duration), JsonUtilOf(duration));
  }
}

TEST(ProtoJson, EscapesAsJsonUtilDoes) {
  google::rpc::ErrorInfo message;
  for (int c = 1; c < 128; ++c) message.mutable_reason()->push_back(static_cast<char>(c));
  google::rpc::ErrorInfo back;
  const std::string text = Written(message);
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(text, &back).ok());
  EXPECT_EQ(back.reason(), message.reason());
}

TEST(ProtoJson, WritesNestedAndRepeatedFieldsAsJsonUtilDoes) {
  google::rpc::BadRequest message;
  EXPECT_EQ(Written(message), JsonUtilOf(message));
  for (const char* field : {"a", "b", ""}) message.add_field_violations()->set_field(field);
  EXPECT_EQ(Written(message), JsonUtilOf(message));
}

TEST(ProtoJson, ReadsWhatWasEscaped) {
  google::rpc::ErrorInfo message;
  message.set_reason("Gr\xc3\xbc\xc3\x9f \xf0\x9f\x91\x8b <\"\\>");
  google::rpc::ErrorInfo back;
  EXPECT_TRUE(ReadJson(JsonUtilOf(message), back));
  EXPECT_EQ(back.reason(), message.reason());
}

TEST(ProtoJson, ReadsNothingThatJsonUtilMustJudge) {
  using google::rpc::BadRequest;
  using google::rpc::RetryInfo;
  LeavesUnread("", BadRequest());
  LeavesUnread("{\"field_violations\":[{\"field\":\"a\"}]", BadRequest());
  LeavesUnread("{\"field_violations\":[{\"field\":\"a\"}], \"unknown\":1}", BadRequest());
  LeavesUnread("{\"fieldViolations\":[{\"field\":\"a\"}]}", BadRequest());
  LeavesUnread("{\"field_violations\":[{\"field\":\"a\",\"field\":\"b\"}]}", BadRequest());
  LeavesUnread("{\"field_violations\":{\"field\":\"a\"}}", BadRequest());
  LeavesUnread("{\"field_violations\":[{\"field\":null}]}", BadRequest());
  LeavesUnread("{\"field_violations\":[{\"field\":1}]}", BadRequest());
  LeavesUnread("{\"reason\":\"\xff\"}", google::rpc::ErrorInfo());
  LeavesUnread("{\"metadata\":{\"k\":\"v\"}}", google::rpc::ErrorInfo());
  LeavesUnread("{\"retry_delay\":\"soon\"}", RetryInfo());
  LeavesUnread("{\"code\":2147483648}", google::rpc::Status());
  LeavesUnread("{\"code\":1.5}", google::rpc::Status());
  LeavesUnread("{\"details\":[{}]}", google::rpc::Status());
}

TEST(ProtoJson, LeavesToJsonUtilWhatItDoesNotKnow) {
  google::rpc::ErrorInfo message;
  message.set_reason("Gr\xc3\xbc\xc3\x9f");
  Refuses(message);
  message.set_reason("R");
  (*message.mutable_metadata())["k"] = "v";
  Refuses(message);
  google::rpc::Status with_any;
  with_any.add_details();
  Refuses(with_any);
  google::protobuf::DoubleValue wrapper;
  Refuses(wrapper);
  google::protobuf::Timestamp beyond;
  beyond.set_seconds(int64_t{1} << 60);
  Refuses(beyond);
  google::protobuf::Duration part;
  part.set_nanos(1);
  Refuses(part);
}

}  // namespace
}  // namespace lumbar::store
