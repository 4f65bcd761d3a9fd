// gRPC on the http2 room, spoken to by grpc++'s own client and by one that says what no gRPC client would.
#include "common/rpc/http2_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <future>

#include "common/http2/testing/client.h"
#include "common/rpc/served_test.h"
#include "lumbar/content/v1/content_service.grpc.pb.h"

namespace lumbar::rpc {
namespace {

namespace v1 = content::v1;
using http2::TestClient;

constexpr char kPath[] = "/lumbar.content.v1.ContentService/GetArticle";

// Does what the test tells it to.
struct Script {
  std::function<absl::StatusOr<v1::GetArticleResponse>(const CallContext&, const v1::GetArticleRequest&)> get;
  std::function<void(const v1::GetArticleRequest&, GiveAnswer)> find;

  absl::StatusOr<v1::GetArticleResponse> Get(const CallContext& context, const v1::GetArticleRequest& request) {
    return get(context, request);
  }
  void Find(const v1::GetArticleRequest& request, GiveAnswer give) { find(request, std::move(give)); }
  absl::Status List(const CallContext&, const v1::ListArticlesRequest& request, v1::ListArticlesResponse& response) {
    response.set_next_page_token(std::string(static_cast<size_t>(request.page_size()) * 1000, 'x'));
    return absl::OkStatus();
  }
};

class Http2ServiceTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    script_.get = [](const CallContext&, const v1::GetArticleRequest& request) {
      v1::GetArticleResponse response;
      response.mutable_article()->set_name(request.name());
      return response;
    };
    ServeScript(Handlers::kMayWait);
  }

  void ServeScript(Handlers handlers) {
    const auto& contract = *v1::GetArticleRequest::descriptor()->file()->FindServiceByName("ContentService");
    Serve(WholeTable(
              ServiceMethods(contract, script_).Add("GetArticle", &Script::Get).Add("ListArticles", &Script::List)),
          handlers);
    stub_ = v1::ContentService::NewStub(channel_);
  }

  void ServeReady() {
    const auto& contract = *v1::GetArticleRequest::descriptor()->file()->FindServiceByName("ContentService");
    Serve(WholeTable(ServiceMethods(contract, script_).AddReady<v1::GetArticleResponse>("GetArticle", &Script::Find)));
    stub_ = v1::ContentService::NewStub(channel_);
  }
  static ReadyAnswer Ready(absl::string_view name) {
    v1::GetArticleResponse response;
    response.mutable_article()->set_name(std::string(name));
    return std::make_shared<const std::string>(response.SerializeAsString());
  }

  CallOptions Soon(absl::Duration timeout = absl::Seconds(5)) { return {clock_.Now() + timeout, NewTrace(), ""}; }
  absl::StatusOr<v1::GetArticleResponse> Get(const std::string& name, const CallOptions& options) {
    v1::GetArticleRequest request;
    request.set_name(name);
    return rpc::Call(*stub_, &v1::ContentService::Stub::GetArticle, request, options);
  }
  // The answer to a body that is sent as it stands.
  http2::Answered Post(const std::string& path, const std::string& body, absl::string_view type = "application/grpc",
                       absl::string_view method = "POST", absl::string_view timeout = "5S") {
    TestClient client(server_->port());
    return client.Await(client.Begin(
        path, body, {{"content-type", type}, {"grpc-timeout", timeout}, {"te", "trailers"}}, true, method));
  }
  std::string Request() {
    v1::GetArticleRequest request;
    request.set_name("articles/sciatica");
    return FrameOf(request);
  }

  Script script_;
  std::unique_ptr<v1::ContentService::Stub> stub_;
};

TEST_F(Http2ServiceTest, AnswersAClientOfGrpcpp) {
  ASSERT_OK_AND_ASSIGN(const auto response, Get("articles/sciatica", Soon()));
  EXPECT_EQ(response.article().name(), "articles/sciatica");
}

TEST_F(Http2ServiceTest, AnswersWithMoreThanAWindowHolds) {
  v1::ListArticlesRequest request;
  request.set_page_size(200);
  ASSERT_OK_AND_ASSIGN(const auto response,
                       rpc::Call(*stub_, &v1::ContentService::Stub::ListArticles, request, Soon()));
  EXPECT_EQ(response.next_page_token().size(), 200'000u);
}

TEST_F(Http2ServiceTest, CarriesAFailureWithItsReasonAndDetails) {
  const auto refused = Get("nonsense", Soon());
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  script_.get = [](const CallContext&, const auto&) { return WithReason(absl::NotFoundError("100 % más\n"), "GONE"); };
  const auto failed = Get("articles/sciatica", Soon());
  EXPECT_THAT(failed, FailsWith(absl::StatusCode::kNotFound, "GONE"));
  EXPECT_EQ(failed.status().message(), "100 % más\n");
}

TEST_F(Http2ServiceTest, ChecksTokensAndHandsMetadataOn) {
  auto options = Soon();
  options.token = "nonsense";
  EXPECT_THAT(Get("articles/sciatica", options), StatusIs(absl::StatusCode::kUnauthenticated));
  options.token = Token("patients/17", "patient");
  std::string subject;
  std::string trace;
  script_.get = [&](const CallContext& context, const auto&) {
    subject = context.caller().subject;
    trace = context.trace().trace_id;
    return v1::GetArticleResponse();
  };
  EXPECT_THAT(Get("articles/sciatica", options), IsOk());
  EXPECT_EQ(subject, "patients/17");
  EXPECT_EQ(trace, options.trace.trace_id);
}

TEST_F(Http2ServiceTest, SaysWhatItDoesNotServe) {
  EXPECT_EQ(Post("/lumbar.content.v1.ContentService/Burn", Request()).header["grpc-status"], "12");
  EXPECT_EQ(Post("/", Request()).header["grpc-status"], "12");
}

TEST_F(Http2ServiceTest, RefusesAMessageThatIsTooLarge) {
  EXPECT_THAT(Get(std::string(256 * 1024 + 1, 'x'), Soon()),
              FailsWith(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE"));
  EXPECT_THAT(Get("articles/sciatica", Soon()), IsOk()) << "on the same connection";
}

TEST_F(Http2ServiceTest, RefusesABodyThatIsNoMessage) {
  EXPECT_EQ(Post(kPath, "").header["grpc-status"], "13");
  EXPECT_EQ(Post(kPath, std::string("\0\0\0\0\3\x0a\x7fx", 8)).header["grpc-status"], "13");
  auto compressed = Request();
  compressed[0] = 1;
  auto answer = Post(kPath, compressed);
  EXPECT_EQ(answer.header["grpc-status"], "12");
  EXPECT_EQ(answer.header["grpc-accept-encoding"], "identity");
}

TEST_F(Http2ServiceTest, AnswersHttpToWhatIsNotGrpc) {
  EXPECT_EQ(Post(kPath, Request(), "application/json").header[":status"], "415");
  EXPECT_EQ(Post(kPath, Request(), "application/grpc-web").header[":status"], "415");
  EXPECT_EQ(Post(kPath, Request(), "application/grpc", "GET").header[":status"], "405");
  EXPECT_EQ(Post(kPath, Request(), "application/grpc+proto").trailer["grpc-status"], "0");
}

TEST_F(Http2ServiceTest, KeepsTheTimeoutThatACallerAsksFor) {
  EXPECT_EQ(Post(kPath, Request(), "application/grpc", "POST", "0n").header["grpc-status"], "4");
  EXPECT_EQ(Post(kPath, Request(), "application/grpc", "POST", "soon").header["grpc-status"], "3");
  absl::Duration left;
  script_.get = [&](const CallContext& context, const auto&) {
    left = context.deadline() - clock_.Now();
    return v1::GetArticleResponse();
  };
  EXPECT_EQ(Post(kPath, Request(), "application/grpc", "POST", "90S").trailer["grpc-status"], "0");
  EXPECT_GT(left, absl::Seconds(60));
  EXPECT_LE(left, absl::Seconds(90));
}

TEST_F(Http2ServiceTest, RunsHandlersThatMayWaitElsewhereAndShedsWhatDoesNotFit) {
  // Two calls run and one waits for a thread; the fourth is shed while they are stuck.
  std::barrier stuck(3);
  std::barrier go(3);
  std::atomic<int> running = 0;
  script_.get = [&](const CallContext&, const auto&) {
    if (running.fetch_add(1) < 2) {
      stuck.arrive_and_wait();
      go.arrive_and_wait();
    }
    return v1::GetArticleResponse();
  };
  std::atomic<int> served = 0;
  std::vector<std::thread> callers;
  callers.reserve(2);
  for (int i = 0; i < 2; ++i) callers.emplace_back([&] { served += Get("articles/a", Soon()).ok(); });
  stuck.arrive_and_wait();
  callers.emplace_back([&] { served += Get("articles/a", Soon()).ok(); });
  while (executor_.queued() < 1) std::this_thread::yield();
  EXPECT_THAT(Get("articles/a", Soon()), FailsWith(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  go.arrive_and_wait();
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(served, 3);
}

TEST_F(Http2ServiceTest, DoesNotBeginACallWhoseCallerHasGone) {
  std::barrier stuck(3);
  std::barrier go(3);
  std::atomic<int> begun = 0;
  script_.get = [&](const CallContext&, const auto&) {
    ++begun;
    stuck.arrive_and_wait();
    go.arrive_and_wait();
    return v1::GetArticleResponse();
  };
  std::vector<std::thread> callers;
  callers.reserve(2);
  for (int i = 0; i < 2; ++i) callers.emplace_back([&] { EXPECT_THAT(Get("articles/a", Soon()), IsOk()); });
  stuck.arrive_and_wait();
  {
    TestClient client(server_->port());
    const int32_t id = client.Begin(kPath, Request(), {{"content-type", "application/grpc"}});
    client.Send();
    while (executor_.queued() < 1) std::this_thread::yield();
    client.Reset(id);
    client.Ping();
    EXPECT_TRUE(client.Until([&] { return client.pongs() == 1; }));
  }
  go.arrive_and_wait();
  for (auto& caller : callers) caller.join();
  EXPECT_TRUE(executor_.Drain(absl::Seconds(5)));
  EXPECT_EQ(begun, 2);
  EXPECT_THAT(audit_.records(), testing::Contains(testing::Field(&AuditRecord::reason, "CALLER_GONE")));
}

TEST_F(Http2ServiceTest, RunsHandlersThatNeverWaitWithoutTheExecutor) {
  ASSERT_TRUE(executor_.Drain(absl::ZeroDuration()));
  ServeScript(Handlers::kNeverWait);
  EXPECT_THAT(Get("articles/a", Soon()), IsOk());
}

TEST_F(Http2ServiceTest, SendsReadyBytesAsTheyStandWithEveryStepOfThePipeline) {
  ASSERT_TRUE(executor_.Drain(absl::ZeroDuration()));
  script_.find = [](const v1::GetArticleRequest& request, GiveAnswer give) { give(Ready(request.name())); };
  ServeReady();
  ASSERT_OK_AND_ASSIGN(const auto response, Get("articles/sciatica", Soon()));
  EXPECT_EQ(response.article().name(), "articles/sciatica");
  EXPECT_THAT(Get("nonsense", Soon()), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  auto options = Soon();
  options.token = "nonsense";
  EXPECT_THAT(Get("articles/sciatica", options), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(audit_.waiting(),
              testing::ElementsAre(testing::AllOf(testing::Field(&AuditRecord::event, "article.get"),
                                                  testing::Field(&AuditRecord::resource, "articles/sciatica"))));
  EXPECT_THAT(AwaitRecords(2), testing::Each(testing::Field(&AuditRecord::code, testing::Ne("OK"))));
  script_.find = [](const auto&, GiveAnswer give) { give(WithReason(absl::NotFoundError("none"), "GONE")); };
  EXPECT_THAT(Get("articles/sciatica", Soon()), FailsWith(absl::StatusCode::kNotFound, "GONE"));
}

TEST_F(Http2ServiceTest, ServesOthersWhileAReadyAnswerIsLookedForElsewhere) {
  constexpr absl::Duration kPatience = absl::Milliseconds(300);
  std::vector<GiveAnswer> waiting;
  absl::Time last_asked;
  script_.find = [&](const v1::GetArticleRequest& request, GiveAnswer give) {
    if (request.name() != "articles/slow") return give(Ready(request.name()));
    waiting.push_back(std::move(give));
    last_asked = clock_.Now();
  };
  ServeReady();
  auto slow = std::async(std::launch::async, [&] { return Get("articles/slow", Soon()); });
  const auto late = std::async(std::launch::async, [&] { return Get("articles/slow", Soon(kPatience)); });
  late.wait();
  EXPECT_THAT(Get("articles/quick", Soon()), IsOk());
  ASSERT_EQ(waiting.size(), 2u);
  // The client's deadline passed; the service counts it from when it got the call, in milliseconds rounded up.
  while (clock_.Now() <= last_asked + kPatience + absl::Milliseconds(1)) std::this_thread::yield();
  for (auto& give : waiting) give(Ready("articles/slow"));
  ASSERT_OK_AND_ASSIGN(const auto response, slow.get());
  EXPECT_EQ(response.article().name(), "articles/slow");
  EXPECT_THAT(AwaitRecords(1), testing::ElementsAre(testing::Field(&AuditRecord::reason, "DEADLINE_PASSED")));
}

}  // namespace
}  // namespace lumbar::rpc
