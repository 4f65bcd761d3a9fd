#include "services/gateway/edge/grpc_upstream.h"

#include <gmock/gmock.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <future>

#include "common/status/errors.h"
#include "common/status/matchers.h"
#include "lumbar/triage/v1/triage_service.grpc.pb.h"

namespace lumbar::gateway {
namespace {

using triage::v1::TriageService;

// GetProtocol answers; ListProtocols fails as our services do; Assess never answers.
class FakeTriage final : public TriageService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetProtocol(grpc::CallbackServerContext* context,
                                        const triage::v1::GetProtocolRequest* request,
                                        triage::v1::GetProtocolResponse* response) override {
    response->mutable_protocol()->set_name(request->name());
    const auto sent = context->client_metadata().find("x-request-id");
    if (sent != context->client_metadata().end()) {
      response->mutable_protocol()->set_title(std::string(sent->second.data(), sent->second.size()));
    }
    return Finish(context, grpc::Status::OK);
  }

  grpc::ServerUnaryReactor* ListProtocols(grpc::CallbackServerContext* context,
                                          const triage::v1::ListProtocolsRequest* request,
                                          triage::v1::ListProtocolsResponse*) override {
    if (request->page_size() == 1) return Finish(context, grpc::Status(grpc::StatusCode::INTERNAL, "SECRET"));
    const auto failure = ToRpcStatus(WithReason(absl::NotFoundError("none"), "PROTOCOL_NOT_FOUND"));
    return Finish(context, grpc::Status(grpc::StatusCode::NOT_FOUND, "none", failure.SerializeAsString()));
  }

  grpc::ServerUnaryReactor* Assess(grpc::CallbackServerContext*, const triage::v1::AssessRequest*,
                                   triage::v1::AssessResponse*) override {
    class Waiting final : public grpc::ServerUnaryReactor {
      void OnCancel() override { Finish(grpc::Status::CANCELLED); }
      void OnDone() override { delete this; }
    };
    started.set_value();
    return new Waiting;
  }

  std::promise<void> started;

 private:
  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context, const grpc::Status& status) {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }
};

class GrpcUpstreamTest : public ::testing::Test {
 protected:
  GrpcUpstreamTest() {
    server_ = grpc::ServerBuilder()
                  .AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_)
                  .RegisterService(&triage_)
                  .BuildAndStart();
    upstream_ = std::make_unique<GrpcUpstream>(GrpcUpstream::Channels{
        {TriageService::service_full_name(),
         grpc::CreateChannel(absl::StrCat("127.0.0.1:", port_), grpc::InsecureChannelCredentials())},
        {"lumbar.gone.v1.GoneService", grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials())}});
  }

  std::future<absl::StatusOr<std::string>> Begin(const std::string& method, const std::string& request,
                                                 absl::Duration time_left = absl::Seconds(30)) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
    upstream_->Call({method, request, {{"x-request-id", "r7"}}, time_left},
                    [promise](absl::StatusOr<std::string> answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }

  static std::string Method(absl::string_view name) {
    return absl::StrCat("/", TriageService::service_full_name(), "/", name);
  }

  int port_ = 0;
  FakeTriage triage_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcUpstream> upstream_;
};

TEST_F(GrpcUpstreamTest, PassesBytesAndMetadataOnAndTheAnswerBack) {
  triage::v1::GetProtocolRequest request;
  request.set_name("protocols/x");
  ASSERT_OK_AND_ASSIGN(const std::string bytes, Begin(Method("GetProtocol"), request.SerializeAsString()).get());
  triage::v1::GetProtocolResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  EXPECT_EQ(response.protocol().name(), "protocols/x");
  EXPECT_EQ(response.protocol().title(), "r7");
}

TEST_F(GrpcUpstreamTest, KeepsTheDetailsOfAFailure) {
  EXPECT_THAT(Begin(Method("ListProtocols"), "").get(), FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_NOT_FOUND"));
}

TEST_F(GrpcUpstreamTest, HidesTheTextOfAFailureWithoutDetails) {
  triage::v1::ListProtocolsRequest request;
  request.set_page_size(1);
  const auto answer = Begin(Method("ListProtocols"), request.SerializeAsString()).get();
  EXPECT_THAT(answer, FailsWith(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_THAT(std::string(answer.status().message()), ::testing::Not(::testing::HasSubstr("SECRET")));
}

TEST_F(GrpcUpstreamTest, TellsAServiceThatIsGoneFromOneThatIsSlow) {
  EXPECT_THAT(Begin("/lumbar.gone.v1.GoneService/Get", "").get(),
              FailsWith(absl::StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"));
  EXPECT_THAT(Begin("/lumbar.none.v1.NoneService/Get", "").get(),
              FailsWith(absl::StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"));
  EXPECT_THAT(Begin(Method("Assess"), "", absl::Milliseconds(50)).get(),
              FailsWith(absl::StatusCode::kDeadlineExceeded, "UPSTREAM_TOO_SLOW"));
}

TEST_F(GrpcUpstreamTest, CancelsWhatIsGivenUp) {
  std::promise<absl::StatusOr<std::string>> promise;
  const GiveUp give_up = upstream_->Call({Method("Assess"), "", {}, absl::Seconds(30)},
                                         [&](auto answer) { promise.set_value(std::move(answer)); });
  triage_.started.get_future().wait();
  give_up();
  EXPECT_THAT(promise.get_future().get(), FailsWith(absl::StatusCode::kCancelled, "CLIENT_GONE"));
  give_up();
}

TEST_F(GrpcUpstreamTest, CancelsWhatRuns) {
  auto answer = Begin(Method("Assess"), "");
  triage_.started.get_future().wait();
  upstream_->CancelAll();
  EXPECT_THAT(answer.get(), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace lumbar::gateway
