// A whole server in this process, for tests: real tokens, an audit that is read, two threads and a queue of one.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/auth/test_issuer.h"
#include "common/http2/server.h"
#include "common/rpc/client.h"
#include "common/rpc/grpc_wire.h"
#include "common/rpc/http2_service.h"
#include "common/rpc/pipeline.h"
#include "common/status/matchers.h"

namespace lumbar::rpc {

class RecordedAudit final : public AuditLog {
 public:
  absl::Status Append(const AuditRecord& record) override { return Add(record, records_); }
  absl::Status AppendSoon(const AuditRecord& record) override { return Add(record, waiting_); }
  // What may wait.
  std::vector<AuditRecord> waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }
  std::vector<AuditRecord> records() const {
    const std::lock_guard lock(mutex_);
    return records_;
  }
  std::atomic<bool> failing = false;

 private:
  absl::Status Add(const AuditRecord& record, std::vector<AuditRecord>& to) {
    const std::lock_guard lock(mutex_);
    if (failing) return absl::UnavailableError("disk full");
    to.push_back(record);
    return absl::OkStatus();
  }

  mutable std::mutex mutex_;
  std::vector<AuditRecord> records_;
  std::vector<AuditRecord> waiting_;
};

// Offers also what `added` doesn't: calls are answered with nothing, streams are refused.
class WholeTable final : public MethodTable {
 public:
  explicit WholeTable(const MethodTable& added) : MethodTable(added) {
    auto& types = *google::protobuf::MessageFactory::generated_factory();
    for (int i = 0; i < contract().method_count(); ++i) {
      const auto& method = *contract().method(i);
      OfferedMethod offered{types.GetPrototype(method.input_type()), types.GetPrototype(method.output_type())};
      if (method.server_streaming()) {
        offered.open = [](auto&&...) { return absl::CancelledError(); };
      } else {
        offered.handle = [](auto&&...) { return absl::OkStatus(); };
      }
      Offer(method.name(), std::move(offered));
    }
  }
};

class ServedTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = auth::TemporaryPath("jwks.json");
    auth::WriteFile(path, auth::JwksOf({issuer_.Jwk()}));
    ASSERT_OK_AND_ASSIGN(keys_, auth::FollowedKeys::OfFile(path, clock_));
    authenticator_ =
        std::make_unique<auth::Authenticator>(*keys_, clock_, auth::Expectations{"tests", "lumbar", "JWT"});
  }

  void TearDown() override {
    if (pipeline_ != nullptr) pipeline_->streams().EndAll();
    server_.reset();
    executor_.Drain(absl::Seconds(5));
  }

  void Serve(const MethodTable& table, Handlers handlers = Handlers::kMayWait) {
    server_.reset();
    ASSERT_OK_AND_ASSIGN(pipeline_, Pipeline::Create({*authenticator_, audit_, metrics_, executor_, clock_},
                                                     {&table.contract()}, handlers));
    ASSERT_OK_AND_ASSIGN(service_, Http2Service::Create(*pipeline_, clock_, {table}));
    http2::ServerOptions options;
    options.limits.body_bytes = 256 * 1024 + kFramePrefixBytes;
    options.certificates = certificates_;
    ASSERT_OK_AND_ASSIGN(server_, http2::Server::Start(options, *service_, clock_));
    channel_ = MakeChannel(absl::StrCat("127.0.0.1:", server_->port()));
  }

  std::string Token(const std::string& subject, const std::string& role) {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    return issuer_.Sign(
        {{"iss", "tests"}, {"aud", "lumbar"}, {"sub", subject}, {"role", role}, {"iat", now}, {"exp", now + 300}});
  }
  // Waits until so many are recorded.
  std::vector<AuditRecord> AwaitRecords(size_t count) {
    while (audit_.records().size() < count) std::this_thread::yield();
    return audit_.records();
  }

  auth::TestIssuer issuer_;
  SystemClock clock_;
  std::unique_ptr<auth::FollowedKeys> keys_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  RecordedAudit audit_;
  RpcMetrics metrics_{std::make_shared<prometheus::Registry>()};
  Executor executor_{2, 1};
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Http2Service> service_;
  // Null: no TLS.
  const transport::CertificateFiles* certificates_ = nullptr;
  std::unique_ptr<http2::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace lumbar::rpc
