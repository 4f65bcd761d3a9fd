// Answers that are streams, on the http2 room, read by grpc++'s own client.
#include "common/rpc/http2_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "common/rpc/served_test.h"
#include "common/rpc/wire_status.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"

namespace lumbar::rpc {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::SizeIs;

using Texts = std::vector<std::string>;

// Gives its texts, one at a time, and then nothing.
class Speech final : public StreamSource {
 public:
  explicit Speech(Texts texts) : texts_(std::move(texts)) {}
  absl::StatusOr<bool> Next(google::protobuf::Message& message) override {
    if (next_ == texts_.size()) return false;
    static_cast<booking::v1::WatchAppointmentsResponse&>(message).set_resume_token(texts_[next_++]);
    return true;
  }

 private:
  const Texts texts_;
  size_t next_ = 0;
};

struct StreamScript {
  absl::StatusOr<Texts> texts;
  absl::StatusOr<std::unique_ptr<StreamSource>> Watch(const CallContext&,
                                                      const booking::v1::WatchAppointmentsRequest&) {
    if (!texts.ok()) return texts.status();
    return std::make_unique<Speech>(*texts);
  }
  absl::StatusOr<booking::v1::WatchAppointmentsResponse> Once(const CallContext&,
                                                              const booking::v1::WatchAppointmentsRequest&) {
    return booking::v1::WatchAppointmentsResponse();
  }
};

class Http2StreamTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    Serve(
        WholeTable(ServiceMethods(contract_, script_)
                       .AddStream<booking::v1::WatchAppointmentsResponse>("WatchAppointments", &StreamScript::Watch)));
    stub_ = booking::v1::BookingService::NewStub(channel_);
  }

  using Then = std::function<void(grpc::ClientContext&)>;
  // Reads `count` messages, then does `then` and reads to the end.
  absl::Status Watch(const std::string& token, size_t count, const Then& then, Texts* texts = nullptr,
                     const std::string& resume_token = "") {
    grpc::ClientContext context;
    Prepare(context, {clock_.Now() + absl::Seconds(5), NewTrace(), token});
    booking::v1::WatchAppointmentsRequest request;
    request.set_resume_token(resume_token);
    const auto reader = stub_->WatchAppointments(&context, request);
    booking::v1::WatchAppointmentsResponse response;
    for (size_t i = 0; i < count && reader->Read(&response); ++i) {
      if (texts != nullptr) texts->push_back(response.resume_token());
    }
    then(context);
    while (reader->Read(&response)) continue;
    return FromWire(reader->Finish());
  }
  std::string Staff() { return Token("staff/1", "staff"); }

  const Then nothing_ = [](grpc::ClientContext&) {};
  // Far more than windows hold.
  const Texts endless_ = Texts(1000, std::string(100'000, 'x'));
  const google::protobuf::ServiceDescriptor& contract_ =
      *booking::v1::CreateHoldRequest::descriptor()->file()->FindServiceByName("BookingService");
  StreamScript script_;
  std::unique_ptr<booking::v1::BookingService::Stub> stub_;
};

TEST_F(Http2StreamTest, IsRefusedAtStartIfItsHandlerAnswersOnce) {
  const auto refused =
      WholeTable(ServiceMethods(contract_, script_).Add("WatchAppointments", &StreamScript::Once)).Check();
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kFailedPrecondition, "CONTRACT_REFUSED"));
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("WatchAppointments: streams"));
}

TEST_F(Http2StreamTest, StreamsUntilTheProcessStops) {
  script_.texts = Texts{"a", "b", "c"};
  Texts texts;
  const auto stop = [&](grpc::ClientContext&) { pipeline_->streams().EndAll(); };
  EXPECT_THAT(Watch(Staff(), 3, stop, &texts), FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
  EXPECT_THAT(texts, ElementsAre("a", "b", "c"));
  const auto records = AwaitRecords(2);
  EXPECT_EQ(records[0].code, "OK") << "it began";
  EXPECT_EQ(records[1].reason, "STREAM_ENDED");
  EXPECT_EQ(records[1].event, "appointment.watch");
  EXPECT_THAT(Watch(Staff(), 0, nothing_), FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
}

TEST_F(Http2StreamTest, EndsWhenItsConnectionIsToEnd) {
  script_.texts = Texts{"a"};
  std::thread draining;
  // While the client reads: it answers nothing else meanwhile.
  const auto drain = [&](grpc::ClientContext&) { draining = std::thread([&] { server_->Drain(absl::Seconds(5)); }); };
  EXPECT_THAT(Watch(Staff(), 1, drain), FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
  draining.join();
}

TEST_F(Http2StreamTest, CarriesMoreThanWindowsHold) {
  script_.texts = Texts(100, std::string(100'000, 'x'));
  Texts texts;
  const auto stop = [&](grpc::ClientContext&) { pipeline_->streams().EndAll(); };
  EXPECT_EQ(Watch(Staff(), 100, stop, &texts).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(texts, testing::AllOf(SizeIs(100), testing::Each(SizeIs(100'000))));
}

TEST_F(Http2StreamTest, IsGuardedAsACallIs) {
  script_.texts = Texts{"a"};
  EXPECT_THAT(Watch("", 1, nothing_), FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(Watch(Token("patients/17", "patient"), 1, nothing_),
              FailsWith(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED"));
  EXPECT_THAT(Watch(Staff(), 1, nothing_, nullptr, std::string(513, 'x')),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  script_.texts = absl::OutOfRangeError("too old");
  EXPECT_EQ(Watch(Staff(), 1, nothing_).code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(AwaitRecords(4), SizeIs(4)) << "refusals are audited once";
}

TEST_F(Http2StreamTest, ForgetsAReaderWhoIsGone) {
  script_.texts = endless_;
  const auto leave = [](grpc::ClientContext& context) { context.TryCancel(); };
  EXPECT_EQ(Watch(Staff(), 1, leave).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(AwaitRecords(2)[1].code, "CANCELLED");
}

TEST_F(Http2StreamTest, ForgetsAReaderWhoIsGoneWhileNothingIsSaid) {
  script_.texts = Texts{"a"};
  const auto leave = [](grpc::ClientContext& context) { context.TryCancel(); };
  EXPECT_EQ(Watch(Staff(), 1, leave).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(AwaitRecords(2)[1].code, "CANCELLED");
}

TEST_F(Http2StreamTest, GivesUpAReaderWhoStallsWhenTheProcessStops) {
  script_.texts = endless_;
  const auto stop = [&](grpc::ClientContext&) {
    pipeline_->streams().EndAll();
    while (audit_.records().size() < 2) pipeline_->streams().WakeAll();
    EXPECT_EQ(audit_.records()[1].code, "UNAVAILABLE") << "while the reader takes nothing";
  };
  // UNAVAILABLE if the stop came before the reader's buffers were full.
  EXPECT_THAT(Watch(Staff(), 1, stop).code(), AnyOf(absl::StatusCode::kCancelled, absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace lumbar::rpc
