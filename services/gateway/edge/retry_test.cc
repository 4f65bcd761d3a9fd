// What is made twice, and how often.
#include "services/gateway/edge/retry.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <thread>
#include <vector>

#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "services/gateway/edge/http2_upstream_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(RepeatableTest, AreMethodsThatReadAndThoseWithAKey) {
  const auto methods = RepeatableMethods({"lumbar.booking.v1.BookingService", "lumbar.content.v1.ContentService"});
  EXPECT_THAT(methods, Contains("/lumbar.content.v1.ContentService/GetArticle"));
  EXPECT_THAT(methods, Contains("/lumbar.booking.v1.BookingService/SearchSlots"));
  EXPECT_THAT(methods, Contains("/lumbar.booking.v1.BookingService/CreateHold"));
}

TEST(RepeatableTest, AreNoMethodsThatChangeSomethingWithoutAKeyOrWithOneThatMayBeLeftOut) {
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "pokes.proto"
        message_type { name: "Bare" }
        message_type {
          name: "Keyed"
          field { name: "request_id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
        }
        service {
          name: "Pokes"
          method { name: "PokeBare" input_type: "Bare" output_type: "Bare" }
          method { name: "PokeKeyed" input_type: "Keyed" output_type: "Bare" }
          method {
            name: "Look"
            input_type: "Bare"
            output_type: "Bare"
            options { idempotency_level: NO_SIDE_EFFECTS }
          }
        }
      )pb",
      &file));
  google::protobuf::DescriptorPool pool;
  const auto* const pokes = pool.BuildFile(file)->FindServiceByName("Pokes");
  EXPECT_FALSE(IsRepeatable(*pokes->FindMethodByName("PokeBare")));
  EXPECT_FALSE(IsRepeatable(*pokes->FindMethodByName("PokeKeyed")));
  EXPECT_TRUE(IsRepeatable(*pokes->FindMethodByName("Look")));
}

TEST(RetryBudgetTest, IsATenthOfTheCalls) {
  RetryBudget budget;
  int retries = 0;
  for (int call = 0; call < 10'000; ++call) {
    budget.AddCall();
    retries += budget.Take() ? 1 : 0;
  }
  EXPECT_EQ(retries, 1'010) << "ten are there to begin with";
}

TEST(RetryBudgetTest, SavesUpAHundredAtMost) {
  RetryBudget budget;
  for (int call = 0; call < 100'000; ++call) budget.AddCall();
  int retries = 0;
  while (budget.Take()) ++retries;
  EXPECT_EQ(retries, 100);
}

TEST(RetryBudgetTest, HasWhatWasGivenBack) {
  RetryBudget budget;
  while (budget.Take()) continue;
  budget.GiveBack();
  EXPECT_TRUE(budget.Take());
  EXPECT_FALSE(budget.Take());
}

class RetryTest : public Http2UpstreamTest {
 protected:
  RetryTest() {
    options_.repeatable = {absl::StrCat("/", kTestService, "/Echo"), absl::StrCat("/", kTestService, "/Wait")};
    options_.registry = registry_;
  }
  // Greets a connection, takes a request, and hangs up after saying `bytes`.
  void HangUp(const std::function<std::string(uint32_t)>& bytes = nullptr) {
    RawConnection connection = peer_.Greet();
    const uint32_t stream = connection.AwaitRequest();
    if (bytes != nullptr) connection.Send(bytes(stream));
    // It was a good connection.
    clock_.Advance(absl::Seconds(5));
  }
  std::string Counted() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
};

TEST_F(RetryTest, SendsARefusedCallOnceMore) {
  Connect();
  auto answer = Begin();
  RawConnection connection = peer_.Greet();
  connection.Send(ResetFrame(connection.AwaitRequest(), NGHTTP2_REFUSED_STREAM));
  connection.Send(Good(connection.AwaitRequest(), "at last"));
  EXPECT_THAT(answer.get(), IsOkAndHolds("at last"));
  auto second = Begin();
  for (int i = 0; i < 2; ++i) connection.Send(ResetFrame(connection.AwaitRequest(), NGHTTP2_REFUSED_STREAM));
  EXPECT_THAT(second.get(), IsUnavailable()) << "and not for ever";
}

TEST_F(RetryTest, SendsNoCallAgainThatMayHaveBegun) {
  Connect();
  EXPECT_THAT(
      AnswerTo([](uint32_t stream) { return HeaderFrame(stream) + ResetFrame(stream, NGHTTP2_REFUSED_STREAM); }),
      IsUnavailable());
}

TEST_F(RetryTest, SendsALostCallOnceMoreIfTwiceIsLikeOnce) {
  Connect();
  auto answer = Begin();
  HangUp();
  RawConnection next = peer_.Greet();
  next.Send(Good(next.AwaitRequest(), "at last"));
  EXPECT_THAT(answer.get(), IsOkAndHolds("at last"));
  EXPECT_THAT(Counted(), HasSubstr("lumbar_edge_upstream_retries_total{outcome=\"made\"} 1"));
}

TEST_F(RetryTest, CountsNoRetryThatWentNowhere) {
  auto peer = std::make_unique<RawPeer>();
  Connect(absl::StrCat("127.0.0.1:", peer->port()));
  auto answer = Begin();
  {
    RawConnection connection = peer->Greet();
    connection.AwaitRequest();
    peer.reset();
    clock_.Advance(absl::Seconds(5));
  }
  EXPECT_THAT(answer.get(), IsUnavailable());
  EXPECT_THAT(Counted(), HasSubstr("lumbar_edge_upstream_retries_total{outcome=\"made\"} 0"));
}

TEST_F(RetryTest, SendsALostCallNoThirdTime) {
  Connect();
  auto answer = Begin();
  HangUp();
  HangUp();
  EXPECT_THAT(answer.get(), IsUnavailable());
}

TEST_F(RetryTest, SendsNoLostCallAgainThatMayHaveDoneSomething) {
  Connect();
  auto answer = Begin("", "Plain");
  HangUp();
  EXPECT_THAT(answer.get(), IsUnavailable());
}

TEST_F(RetryTest, SendsNoLostCallAgainWhoseAnswerHasBegun) {
  Connect();
  auto answer = Begin();
  HangUp([](uint32_t stream) { return HeaderFrame(stream); });
  EXPECT_THAT(answer.get(), IsUnavailable());
}

TEST_F(RetryTest, BringsATroubledServiceATenthMoreAtMost) {
  Connect();
  auto answer = Begin();
  int requests = 0;
  std::thread troubled([&, connection = peer_.Greet()]() mutable {
    while (const uint32_t stream = connection.AwaitRequest()) {
      ++requests;
      connection.Send(ResetFrame(stream, NGHTTP2_REFUSED_STREAM));
    }
  });
  for (int call = 1; call < 500; ++call) {
    EXPECT_THAT(answer.get(), IsUnavailable());
    answer = Begin();
  }
  EXPECT_THAT(answer.get(), IsUnavailable());
  EXPECT_THAT(Counted(), HasSubstr("lumbar_edge_upstream_retries_total{outcome=\"over_budget\"} 440"));
  upstream_.reset();
  troubled.join();
  EXPECT_EQ(requests, 500 + 50 + 10);
}

TEST_F(RetryTest, TakesWhatADyingPlaceHadToAnother) {
  const Http2TestService other;
  const auto place = [](int port) {
    return boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), static_cast<uint16_t>(port));
  };
  options_.find = [places = std::vector{place(peer_.port()), place(other.port())}](auto& context, const auto&,
                                                                                   auto found) {
    boost::asio::post(context, [found, places] { found(places); });
  };
  Connect("dns:///x:1");
  EXPECT_THAT(Begin("x").get(), IsOkAndHolds("x"));
  std::vector<PendingAnswer> waiting;
  {
    RawConnection dying = peer_.Greet();
    // Its own, and that it has ours.
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(dying.Await(NGHTTP2_SETTINGS));
    waiting.reserve(16);
    for (int i = 0; i < 16; ++i) waiting.push_back(Begin("", "Wait"));
    for (int i = 0; i < 8; ++i) EXPECT_NE(dying.AwaitRequest(), 0u);
    while (other.begun < 1 + 8) std::this_thread::yield();
  }
  while (other.begun < 1 + 16) std::this_thread::yield();
  EXPECT_EQ(other.cancelled, 0);
}

}  // namespace
}  // namespace lumbar::gateway
