// A service that does what its method's name says, as grpc++ serves it and as common/http2 does; for tests only.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/http2/server.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"
#include "common/rpc/http2_call.h"
#include "common/status/errors.h"
#include "common/time/clock.h"
#include "common/transport/certificate_files.h"

namespace lumbar::gateway {

inline constexpr absl::string_view kTestService = "lumbar.test.v1.TestService";

// What a call is answered with: `count` times the message, and the status unless it waits for ever.
struct Script {
  std::string message;
  int count = 1;
  bool waits = false;
  absl::Status status = absl::OkStatus();
};

inline Script ScriptOf(absl::string_view path, const std::string& request, absl::string_view request_id) {
  const absl::string_view method = path.substr(path.rfind('/') + 1);
  if (method == "Echo") return {request};
  if (method == "RequestId") return {std::string(request_id)};
  if (method == "Large") return {std::string(300'000, 'x')};
  if (method == "TooLarge") return {std::string(2 << 20, 'x')};
  if (method == "Two") return {"one of two", 2};
  if (method == "None") return {"", 0};
  if (method == "Wait") return {"", 0, true};
  if (method == "Known") return {"", 0, false, WithReason(absl::NotFoundError("no such thing"), "THING_NOT_FOUND")};
  if (method == "Stream") return {std::string(1000, 's'), 300};
  if (method == "Stall") return {"first", 1, true};
  return {"", 0, false, absl::UnimplementedError("no such method")};
}

// Statuses without details, as a stranger sends them.
inline grpc::Status PlainStatus(absl::string_view path) {
  if (absl::EndsWith(path, "/Secret")) return {grpc::StatusCode::INTERNAL, "SECRET"};
  if (absl::EndsWith(path, "/Plain")) return {grpc::StatusCode::ABORTED, "50 % más"};
  return grpc::Status::OK;
}

class TestService {
 public:
  virtual ~TestService() = default;
  virtual int port() const = 0;

  // How many calls have come, how many messages went, and how many calls their caller gave up.
  std::atomic<int> begun = 0, sent = 0, cancelled = 0;
};

class GrpcTestService final : public TestService, private grpc::CallbackGenericService {
 public:
  // With `credentials` it wants a certificate of its callers.
  explicit GrpcTestService(const transport::Credentials* credentials = nullptr) {
    server_ = grpc::ServerBuilder()
                  .AddListeningPort("127.0.0.1:0", CredentialsOf(credentials), &port_)
                  .RegisterCallbackGenericService(this)
                  .BuildAndStart();
  }
  ~GrpcTestService() override { server_->Shutdown(std::chrono::system_clock::now()); }
  int port() const override { return port_; }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor(GrpcTestService& service, grpc::GenericCallbackServerContext& context)
        : service_(service), context_(context) {
      StartRead(&request_);
    }
    void OnReadDone(bool ok) override {
      if (!ok) return End(grpc::Status::CANCELLED);
      std::string bytes;
      std::vector<grpc::Slice> slices;
      (void)request_.Dump(&slices);
      for (const auto& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
      const auto id = context_.client_metadata().find("x-request-id");
      const bool has_id = id != context_.client_metadata().end();
      script_ = ScriptOf(context_.method(), bytes,
                         has_id ? absl::string_view(id->second.data(), id->second.size()) : absl::string_view());
      ++service_.begun;
      Step();
    }
    void OnWriteDone(bool ok) override {
      if (!ok) return End(grpc::Status::CANCELLED);
      ++service_.sent;
      Step();
    }
    void OnCancel() override {
      ++service_.cancelled;
      if (waits_) End(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

   private:
    void Step() {
      if (script_.count-- > 0) {
        const grpc::Slice slice(script_.message);
        answer_ = grpc::ByteBuffer(&slice, 1);
        return StartWrite(&answer_);
      }
      if (script_.waits) {
        waits_ = true;
        // It may have been called before.
        if (context_.IsCancelled()) End(grpc::Status::CANCELLED);
        return;
      }
      const grpc::Status plain = PlainStatus(context_.method());
      if (!plain.ok()) return End(plain);
      if (script_.status.ok()) return End(grpc::Status::OK);
      End({static_cast<grpc::StatusCode>(script_.status.code()), std::string(script_.status.message()),
           ToRpcStatus(script_.status).SerializeAsString()});
    }

    void End(const grpc::Status& status) {
      if (!ended_.exchange(true)) Finish(status);
    }

    GrpcTestService& service_;
    grpc::GenericCallbackServerContext& context_;
    std::atomic<bool> waits_ = false, ended_ = false;
    grpc::ByteBuffer request_, answer_;
    Script script_;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new Reactor(*this, *context);
  }

  static std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const transport::Credentials* credentials) {
    if (credentials == nullptr) return grpc::InsecureServerCredentials();
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = credentials->authorities;
    options.pem_key_cert_pairs.push_back({credentials->key, credentials->certificate});
    return grpc::SslServerCredentials(options);
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class Http2TestService final : public TestService, private http2::Handler {
 public:
  explicit Http2TestService(int port = 0, const transport::CertificateFiles* certificates = nullptr) {
    options_.port = static_cast<uint16_t>(port);
    options_.certificates = certificates;
    options_.limits.body_bytes = 1 << 20;
    server_ = *http2::Server::Start(options_, *this, clock_);
  }
  int port() const override { return server_->port(); }
  // As a service ends: what runs may finish.
  bool Drain(absl::Duration timeout) { return server_->Drain(timeout); }

 private:
  class Answering final : public http2::Progress, public std::enable_shared_from_this<Answering> {
   public:
    Answering(Http2TestService& service, std::shared_ptr<http2::Stream> stream, Script script)
        : service_(service), stream_(std::move(stream)), script_(std::move(script)) {}
    void Start() {
      stream_->Follow(shared_from_this());
      if (script_.count > 0 || script_.waits || script_.status.ok()) rpc::BeginAnswer(*stream_);
      Step();
    }
    void OnTaken() override {
      ++service_.sent;
      Step();
    }
    void OnDrain() override {}
    void OnGone() override {
      if (!ended_) ++service_.cancelled;
    }

   private:
    void Step() {
      if (script_.count-- > 0) return stream_->Write(rpc::FrameOf(absl::string_view(script_.message)));
      if (script_.waits) return;
      ended_ = true;
      const grpc::Status plain = PlainStatus(stream_->request().path());
      const std::string code = absl::StrCat(static_cast<int>(plain.error_code()));
      const std::string message = rpc::PercentEncoded(plain.error_message());
      if (!plain.ok()) return stream_->End({{"grpc-status", code}, {"grpc-message", message}});
      script_.status.ok() ? rpc::SendTrailer(*stream_, script_.status) : rpc::SendStatus(*stream_, script_.status);
    }

    Http2TestService& service_;
    const std::shared_ptr<http2::Stream> stream_;
    Script script_;
    bool ended_ = false;
  };

  void OnRequest(const std::shared_ptr<http2::Stream>& stream) override {
    const http2::Request& request = stream->request();
    const std::string message(rpc::MessageIn(request.body).value_or(""));
    ++begun;
    const bool is_plain = !PlainStatus(request.path()).ok();
    Script script = is_plain ? Script{"", 0} : ScriptOf(request.path(), message, request.header.Find("x-request-id"));
    std::make_shared<Answering>(*this, stream, std::move(script))->Start();
  }

  const SteadyClock clock_;
  http2::ServerOptions options_;
  std::unique_ptr<http2::Server> server_;
};

}  // namespace lumbar::gateway
