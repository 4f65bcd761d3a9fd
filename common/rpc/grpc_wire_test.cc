#include "common/rpc/grpc_wire.h"

#include <absl/strings/escaping.h>
#include <google/protobuf/wrappers.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include "common/rpc/errors.h"
#include "common/status/matchers.h"

namespace lumbar::rpc {
namespace {

std::string Body(char flag, const std::string& size, const std::string& message) { return flag + size + message; }

TEST(GrpcWire, FindsTheOneMessageOfABody) {
  google::protobuf::StringValue message;
  for (const size_t size : {0, 1, 300, 70'000}) {
    message.set_value(std::string(size, 'x'));
    const std::string frame = FrameOf(message);
    ASSERT_OK_AND_ASSIGN(const auto found, MessageIn(frame));
    EXPECT_EQ(found, message.SerializeAsString()) << size;
  }
}

TEST(GrpcWire, RefusesABodyThatIsNotOneMessage) {
  const std::string three("\0\0\0\3", 4);
  EXPECT_THAT(MessageIn(Body(0, three, "abc")), IsOk());
  const auto malformed = FailsWith(absl::StatusCode::kInternal, "MESSAGE_MALFORMED");
  EXPECT_THAT(MessageIn(""), malformed) << "none";
  EXPECT_THAT(MessageIn(absl::string_view("\0\0\0\0", 4)), malformed) << "a part of a prefix";
  EXPECT_THAT(MessageIn(Body(0, three, "ab")), malformed) << "a part of a message";
  EXPECT_THAT(MessageIn(Body(0, three, "abcd")), malformed) << "more than one";
  EXPECT_THAT(MessageIn(Body(0, "\xff\xff\xff\xff", "abc")), malformed) << "the longest length";
  EXPECT_THAT(MessageIn(Body(2, three, "abc")), malformed) << "an unknown flag";
}

TEST(GrpcWire, RefusesACompressedMessage) {
  EXPECT_THAT(MessageIn(Body(1, std::string("\0\0\0\3", 4), "abc")),
              FailsWith(absl::StatusCode::kUnimplemented, "MESSAGE_COMPRESSED"));
}

TEST(GrpcWire, ReadsEveryUnitOfATimeout) {
  EXPECT_THAT(ParseTimeout("1H"), IsOkAndHolds(absl::Hours(1)));
  EXPECT_THAT(ParseTimeout("2M"), IsOkAndHolds(absl::Minutes(2)));
  EXPECT_THAT(ParseTimeout("3S"), IsOkAndHolds(absl::Seconds(3)));
  EXPECT_THAT(ParseTimeout("40m"), IsOkAndHolds(absl::Milliseconds(40)));
  EXPECT_THAT(ParseTimeout("500u"), IsOkAndHolds(absl::Microseconds(500)));
  EXPECT_THAT(ParseTimeout("0n"), IsOkAndHolds(absl::ZeroDuration()));
  EXPECT_THAT(ParseTimeout("99999999H"), IsOkAndHolds(absl::Hours(99'999'999)));
}

TEST(GrpcWire, RefusesWhatIsNoTimeout) {
  for (const char* text : {"", "S", "1", "1s", "-1S", "+1S", " 1S", "1 S", "1.5S", "123456789S", "1SS", "0x1S"}) {
    EXPECT_THAT(ParseTimeout(text), FailsWith(absl::StatusCode::kInvalidArgument, "TIMEOUT_MALFORMED")) << text;
  }
}

TEST(GrpcWire, WritesATimeoutInTheFinestUnitThatHasRoom) {
  EXPECT_EQ(TimeoutText(absl::Milliseconds(50)), "50000000n");
  EXPECT_EQ(TimeoutText(absl::Seconds(10)), "10000000u");
  EXPECT_EQ(TimeoutText(absl::Seconds(100) + absl::Nanoseconds(1)), "100001m");
  EXPECT_EQ(TimeoutText(absl::Hours(30)), "108000S");
  EXPECT_EQ(TimeoutText(-absl::Seconds(1)), "0n");
  EXPECT_EQ(TimeoutText(absl::InfiniteDuration()), "99999999M");
}

TEST(GrpcWire, EncodesWhatAHeaderCannotHold) {
  EXPECT_EQ(PercentEncoded("plain text, ~"), "plain text, ~");
  EXPECT_EQ(PercentEncoded("100 % más\n"), "100 %25 m%C3%A1s%0A");
  EXPECT_EQ(PercentEncoded(absl::string_view("\0\x7f", 2)), "%00%7F");
}

TEST(GrpcWire, CarriesAStatusWithItsReasonAndWithoutPadding) {
  const std::string text = EncodedDetails(DeadlinePassed());
  EXPECT_EQ(text.find('='), std::string::npos);
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(text, &bytes));
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(bytes));
  EXPECT_THAT(FromRpcStatus(status), FailsWith(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED"));
}

}  // namespace
}  // namespace lumbar::rpc
