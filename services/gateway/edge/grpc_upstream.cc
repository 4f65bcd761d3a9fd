#include "services/gateway/edge/grpc_upstream.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/strip.h>
#include <google/rpc/status.pb.h>

#include <atomic>
#include <utility>

#include "common/concurrency/mutex.h"
#include "common/status/errors.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

void Fill(grpc::ClientContext& context, const UpstreamCall& call) {
  if (call.time_left != absl::InfiniteDuration()) {
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(call.time_left));
  }
  for (const auto& [name, value] : call.metadata) context.AddMetadata(name, value);
}

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// What grpc++ fills until the call is over.
struct UnaryExchange {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

// What became of a call, for whoever may outlive it.
struct Fate {
  std::atomic<bool> over = false;
  std::atomic<bool> given_up = false;
};

absl::string_view ServiceOf(absl::string_view method) {
  absl::ConsumePrefix(&method, "/");
  return method.substr(0, method.rfind('/'));
}

// A failure without details comes from grpc++ itself, whose texts tell addresses and states that aren't the client's
// business; our services attach a reason to each of theirs.
absl::Status FromGrpc(const grpc::Status& status) {
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details()) &&
      details.code() == static_cast<int>(status.error_code())) {
    return FromRpcStatus(details);
  }
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return UpstreamUnavailable();
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return UpstreamTooSlow();
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
      return InternalFailure();
    default:
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }
}

absl::StatusOr<std::string> Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return InternalFailure();
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const auto& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// Of a service that isn't there.
class NoStream final : public UpstreamStream {
 public:
  explicit NoStream(std::shared_ptr<StreamTaker> taker) : taker_(std::move(taker)) {}
  void Next() override {
    if (!told_.exchange(true)) taker_->OnEnd(UpstreamUnavailable());
  }
  void Cancel() override { Next(); }

 private:
  const std::shared_ptr<StreamTaker> taker_;
  std::atomic<bool> told_ = false;
};

}  // namespace

struct GrpcUpstream::Running {
  Mutex mutex;
  absl::flat_hash_set<grpc::ClientContext*> contexts ABSL_GUARDED_BY(mutex);
  bool ended ABSL_GUARDED_BY(mutex) = false;

  // False: no further call may begin.
  bool Add(grpc::ClientContext* context) {
    MutexLock lock(mutex);
    if (!ended) contexts.insert(context);
    return !ended;
  }
  void Remove(grpc::ClientContext* context) {
    MutexLock lock(mutex);
    contexts.erase(context);
  }
};

// Keeps itself until grpc++ says that it is over, which it can't before a reading has failed.
class GrpcUpstream::Streamed final : public UpstreamStream,
                                     public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                                     public std::enable_shared_from_this<Streamed> {
 public:
  Streamed(const UpstreamCall& call, std::shared_ptr<StreamTaker> taker, std::shared_ptr<Running> running)
      : request_(BufferOf(call.request)), taker_(std::move(taker)), running_(std::move(running)) {
    Fill(context_, call);
  }

  // False: no further call may begin.
  bool Start(grpc::GenericStub& stub, const std::string& method) {
    if (!running_->Add(&context_)) return false;
    self_ = shared_from_this();
    stub.PrepareBidiStreamingCall(&context_, method, grpc::StubOptions(), this);
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions());
    StartCall();
    return true;
  }

  void Next() override {
    {
      MutexLock lock(mutex_);
      if (over_ || std::exchange(reading_, true)) return;
    }
    StartRead(&message_);
  }

  void Cancel() override {
    {
      MutexLock lock(mutex_);
      if (over_ || std::exchange(cancelled_, true)) return;
    }
    context_.TryCancel();
    // Else nothing would find out.
    Next();
  }

  void OnReadDone(bool ok) override {
    bool cancelled = false;
    grpc::ByteBuffer taken;
    {
      MutexLock lock(mutex_);
      // Before another reading may begin, which writes there.
      taken.Swap(&message_);
      reading_ = false;
      over_ = !ok;
      cancelled = cancelled_;
    }
    if (!ok) return RemoveHold();
    if (cancelled) return Next();
    const absl::StatusOr<std::string> message = Bytes(taken);
    message.ok() ? taker_->OnMessage(*message) : Cancel();
  }

  void OnDone(const grpc::Status& status) override {
    running_->Remove(&context_);
    taker_->OnEnd(status.ok() ? absl::OkStatus() : FromGrpc(status));
    self_.reset();
  }

 private:
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  const std::shared_ptr<StreamTaker> taker_;
  const std::shared_ptr<Running> running_;
  std::shared_ptr<Streamed> self_;
  Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
};

GrpcUpstream::GrpcUpstream(const Channels& channels) : running_(std::make_shared<Running>()) {
  for (const auto& [service, channel] : channels) stubs_[service] = std::make_unique<grpc::GenericStub>(channel);
}

GiveUp GrpcUpstream::Call(UpstreamCall call, Callback done) {
  const auto refused = [&done] {
    done(UpstreamUnavailable());
    return nullptr;
  };
  const auto stub = stubs_.find(ServiceOf(call.method));
  if (stub == stubs_.end()) return refused();
  auto exchange = std::make_shared<UnaryExchange>();
  Fill(exchange->context, call);
  exchange->request = BufferOf(call.request);
  if (!running_->Add(&exchange->context)) return refused();
  const auto fate = std::make_shared<Fate>();
  stub->second->UnaryCall(&exchange->context, call.method, grpc::StubOptions(), &exchange->request, &exchange->response,
                          [exchange, running = running_, fate, done = std::move(done)](const grpc::Status& status) {
                            fate->over = true;
                            running->Remove(&exchange->context);
                            if (!status.ok() && fate->given_up) return done(ClientGone());
                            done(status.ok() ? Bytes(exchange->response) : FromGrpc(status));
                          });
  return [running = running_, fate, context = &exchange->context] {
    // Under the lock, as in CancelAll: a call that is over is never touched.
    MutexLock lock(running->mutex);
    if (fate->over) return;
    fate->given_up = true;
    context->TryCancel();
  };
}

std::shared_ptr<UpstreamStream> GrpcUpstream::Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) {
  const auto stub = stubs_.find(ServiceOf(call.method));
  if (stub == stubs_.end()) return std::make_shared<NoStream>(std::move(taker));
  auto streamed = std::make_shared<Streamed>(call, taker, running_);
  if (!streamed->Start(*stub->second, call.method)) return std::make_shared<NoStream>(std::move(taker));
  return streamed;
}

void GrpcUpstream::CancelAll() {
  // Under the lock, so that no context goes away meanwhile; callbacks come on grpc++'s own threads.
  MutexLock lock(running_->mutex);
  running_->ended = true;
  for (grpc::ClientContext* context : running_->contexts) context->TryCancel();
}

}  // namespace lumbar::gateway
