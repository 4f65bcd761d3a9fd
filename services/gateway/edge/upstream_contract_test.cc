// What Upstream promises, with each kind of server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <tuple>
#include <vector>

#include "common/concurrency/mutex.h"
#include "common/status/matchers.h"
#include "common/transport/testing/identity.h"
#include "services/gateway/edge/http2_upstream.h"
#include "services/gateway/edge/test_service.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(30);

// Counts what it is told.
class CountingTaker final : public StreamTaker {
 public:
  void OnMessage(const std::string& message) override {
    const MutexLock lock(mutex_);
    messages_.push_back(message);
    came_.NotifyAll();
  }
  void OnEnd(const absl::Status& status) override { end_.set_value(status); }

  // How many messages came, once there are `count`.
  size_t Await(size_t count) {
    const MutexLock lock(mutex_);
    while (messages_.size() < count && came_.WaitFor(mutex_, kPatience)) continue;
    return messages_.size();
  }
  absl::Status AwaitEnd() { return end_.get_future().get(); }

 private:
  Mutex mutex_;
  CondVar came_;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mutex_);
  std::promise<absl::Status> end_;
};

class IdleHandler final : public http2::Handler {
  void OnRequest(const std::shared_ptr<http2::Stream>&) override {}
};

// Where the call is made, and by what it is served.
enum class From { kAnyThread, kLoop };
enum class To { kGrpc, kHttp2, kGrpcByTls, kHttp2ByTls };

class UpstreamContract : public ::testing::TestWithParam<std::tuple<From, To>> {
 protected:
  UpstreamContract() : loop_(limits_, no_handler_, clock_, [] {}) {
    const To to = std::get<1>(GetParam());
    const bool by_tls = to == To::kGrpcByTls || to == To::kHttp2ByTls;
    const auto* const served_by = by_tls ? server_identity_.files() : nullptr;
    if (to == To::kGrpc || to == To::kGrpcByTls) {
      service_ = std::make_unique<GrpcTestService>(by_tls ? served_by->Latest().get() : nullptr);
    } else {
      service_ = std::make_unique<Http2TestService>(0, served_by);
    }
    const std::string target = absl::StrCat("booking@127.0.0.1:", service_->port());
    upstream_ =
        *Http2Upstream::Create({{std::string(kTestService), target}, {"lumbar.gone.v1.GoneService", "127.0.0.1:1"}},
                               clock_, {.certificates = by_tls ? identity_.files() : nullptr});
    loop_.Run();
  }
  ~UpstreamContract() override { loop_.Stop(); }

  // Where the edge calls from.
  template <typename Task>
  void Run(Task task) {
    if (std::get<0>(GetParam()) != From::kLoop) return task();
    std::promise<void> done;
    loop_.runner()->Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  static std::string Method(absl::string_view name) { return absl::StrCat("/", kTestService, "/", name); }
  static UpstreamCall CallOf(absl::string_view name, std::string request = "", absl::Duration time = kPatience) {
    return {Method(name), std::move(request), {{"x-request-id", "r7"}}, time};
  }

  std::future<absl::StatusOr<std::string>> Begin(UpstreamCall call, GiveUp* give_up = nullptr) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
    Run([&] {
      GiveUp given =
          upstream_->Call(std::move(call), [promise](auto answer) { promise->set_value(std::move(answer)); });
      if (give_up != nullptr) *give_up = std::move(given);
    });
    return promise->get_future();
  }
  absl::StatusOr<std::string> Get(absl::string_view name, std::string request = "") {
    return Begin(CallOf(name, std::move(request))).get();
  }
  std::shared_ptr<UpstreamStream> Open(absl::string_view name, const std::shared_ptr<CountingTaker>& taker,
                                       absl::Duration time = kPatience) {
    std::shared_ptr<UpstreamStream> stream;
    Run([&] { stream = upstream_->Open(CallOf(name, "", time), taker); });
    return stream;
  }
  static void AwaitCount(const std::atomic<int>& counter, int count) {
    while (counter < count) std::this_thread::yield();
  }

  const SteadyClock clock_;
  const http2::Limits limits_;
  IdleHandler no_handler_;
  const transport::Authority authority_;
  const transport::Identity identity_{authority_, "gateway"};
  const transport::Identity server_identity_{authority_, "booking", {"gateway"}};
  std::unique_ptr<TestService> service_;
  std::unique_ptr<Upstream> upstream_;
  http2::Loop loop_;
};

TEST_P(UpstreamContract, PassesBytesAndMetadataOnAndTheAnswerBack) {
  const std::string bytes = std::string(100'000, 'x') + std::string("\0\xff", 2);
  EXPECT_THAT(Get("Echo", bytes), IsOkAndHolds(bytes));
  EXPECT_THAT(Get("Echo", ""), IsOkAndHolds(""));
  EXPECT_THAT(Get("RequestId"), IsOkAndHolds("r7"));
}

TEST_P(UpstreamContract, TakesAnswersThatAreLargerThanAWindowButNotTooLarge) {
  EXPECT_THAT(Get("Large"), IsOkAndHolds(std::string(300'000, 'x')));
  EXPECT_THAT(Get("TooLarge"), Not(IsOk()));
  EXPECT_THAT(Get("Echo", "goes on"), IsOkAndHolds("goes on"));
}

TEST_P(UpstreamContract, KeepsTheDetailsOfAFailure) {
  const auto answer = Get("Known");
  EXPECT_THAT(answer, FailsWith(absl::StatusCode::kNotFound, "THING_NOT_FOUND"));
  EXPECT_EQ(answer.status().message(), "no such thing");
}

TEST_P(UpstreamContract, HidesTheTextOfAFailureOfTheServersOwn) {
  const auto answer = Get("Secret");
  EXPECT_THAT(answer, FailsWith(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_THAT(std::string(answer.status().message()), Not(HasSubstr("SECRET")));
}

TEST_P(UpstreamContract, ReadsTheTextOfAFailureWithoutDetails) {
  const auto answer = Get("Plain");
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(answer.status().message(), "50 % más");
}

TEST_P(UpstreamContract, RefusesAnswersThatAreNotOneMessage) {
  EXPECT_THAT(Get("None"), FailsWith(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_THAT(Get("Two"), Not(IsOk()));
}

TEST_P(UpstreamContract, TellsAServiceThatIsGoneFromOneThatIsSlow) {
  const auto gone = FailsWith(absl::StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE");
  EXPECT_THAT(Begin({"/lumbar.gone.v1.GoneService/Get", "", {}, kPatience}).get(), gone);
  EXPECT_THAT(Begin({"/lumbar.none.v1.NoneService/Get", "", {}, kPatience}).get(), gone);
  EXPECT_THAT(Begin(CallOf("Wait", "", absl::Milliseconds(50))).get(),
              FailsWith(absl::StatusCode::kDeadlineExceeded, "UPSTREAM_TOO_SLOW"));
  AwaitCount(service_->cancelled, 1);
}

TEST_P(UpstreamContract, CancelsWhatIsGivenUp) {
  GiveUp give_up;
  auto answer = Begin(CallOf("Wait"), &give_up);
  AwaitCount(service_->begun, 1);
  give_up();
  EXPECT_THAT(answer.get(), FailsWith(absl::StatusCode::kCancelled, "CLIENT_GONE"));
  AwaitCount(service_->cancelled, 1);
  give_up();
}

TEST_P(UpstreamContract, GivesUpInVainWhatIsOver) {
  GiveUp give_up;
  EXPECT_THAT(Begin(CallOf("Echo", "over"), &give_up).get(), IsOkAndHolds("over"));
  give_up();
  EXPECT_THAT(Get("Echo", "next"), IsOkAndHolds("next"));
  EXPECT_EQ(service_->cancelled, 0);
}

TEST_P(UpstreamContract, CancelsWhatRunsAndBeginsNoMore) {
  auto answer = Begin(CallOf("Wait"));
  const auto taker = std::make_shared<CountingTaker>();
  const auto stream = Open("Stall", taker);
  stream->Next();
  EXPECT_EQ(taker->Await(1), 1u);
  stream->Next();
  AwaitCount(service_->begun, 2);
  upstream_->CancelAll();
  EXPECT_THAT(answer.get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(taker->AwaitEnd(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Get("Echo"), FailsWith(absl::StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"));
}

TEST_P(UpstreamContract, ServesManyAtATime) {
  std::vector<std::future<absl::StatusOr<std::string>>> answers;
  answers.reserve(500);
  for (int i = 0; i < 500; ++i) answers.push_back(Begin(CallOf("Echo", absl::StrCat(i))));
  for (size_t i = 0; i < answers.size(); ++i) EXPECT_THAT(answers[i].get(), IsOkAndHolds(absl::StrCat(i)));
}

TEST_P(UpstreamContract, GivesTheMessagesOfAStreamAsTheyAreAskedForAndThenItsEnd) {
  const auto taker = std::make_shared<CountingTaker>();
  const auto stream = Open("Stream", taker);
  for (size_t i = 1; i <= 300; ++i) {
    stream->Next();
    ASSERT_EQ(taker->Await(i), i);
  }
  stream->Next();
  EXPECT_THAT(taker->AwaitEnd(), IsOk());
  stream->Next();
  EXPECT_EQ(taker->Await(300), 300u);
}

TEST_P(UpstreamContract, SlowsAServiceDownWhoseMessagesNobodyTakes) {
  const auto taker = std::make_shared<CountingTaker>();
  const auto stream = Open("Stream", taker);
  stream->Next();
  EXPECT_EQ(taker->Await(1), 1u);
  // Others get through meanwhile, often enough for all 300 to have come.
  for (int i = 0; i < 200; ++i) ASSERT_THAT(Get("Echo", "x"), IsOkAndHolds("x"));
  EXPECT_EQ(taker->Await(1), 1u);
  EXPECT_LT(service_->sent - 200, 250) << "a third of a megabyte would lie here";
  stream->Cancel();
  EXPECT_THAT(taker->AwaitEnd(), StatusIs(absl::StatusCode::kCancelled));
  AwaitCount(service_->cancelled, 1);
}

TEST_P(UpstreamContract, EndsAStreamThatTakesTooLong) {
  const auto taker = std::make_shared<CountingTaker>();
  const auto stream = Open("Stall", taker, absl::Milliseconds(300));
  stream->Next();
  EXPECT_EQ(taker->Await(1), 1u);
  stream->Next();
  EXPECT_THAT(taker->AwaitEnd(), FailsWith(absl::StatusCode::kDeadlineExceeded, "UPSTREAM_TOO_SLOW"));
}

TEST_P(UpstreamContract, EndsAStreamThatFailsOrCannotBegin) {
  const auto failing = std::make_shared<CountingTaker>(), absent = std::make_shared<CountingTaker>();
  const auto stream = Open("Known", failing);
  stream->Next();
  EXPECT_THAT(failing->AwaitEnd(), FailsWith(absl::StatusCode::kNotFound, "THING_NOT_FOUND"));
  std::shared_ptr<UpstreamStream> none;
  Run([&] { none = upstream_->Open({"/lumbar.none.v1.NoneService/Get", "", {}, kPatience}, absent); });
  none->Next();
  EXPECT_THAT(absent->AwaitEnd(), FailsWith(absl::StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"));
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<From, To>>& about) {
  const char* const from[] = {"AnyThread", "Loop"};
  const char* const to[] = {"ToGrpc", "ToHttp2", "ToGrpcByTls", "ToHttp2ByTls"};
  return absl::StrCat(from[static_cast<int>(std::get<0>(about.param))], to[static_cast<int>(std::get<1>(about.param))]);
}

INSTANTIATE_TEST_SUITE_P(All, UpstreamContract,
                         ::testing::Combine(::testing::Values(From::kAnyThread, From::kLoop),
                                            ::testing::Values(To::kGrpc, To::kHttp2, To::kGrpcByTls, To::kHttp2ByTls)),
                         NameOf);

}  // namespace
}  // namespace lumbar::gateway
