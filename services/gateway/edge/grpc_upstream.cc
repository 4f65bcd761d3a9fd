#include "services/gateway/edge/grpc_upstream.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/strip.h>
#include <google/rpc/status.pb.h>

#include "common/concurrency/mutex.h"
#include "common/status/errors.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

// What grpc++ fills until the call is over.
struct Exchange {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
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

}  // namespace

struct GrpcUpstream::Running {
  Mutex mutex;
  absl::flat_hash_set<Exchange*> exchanges ABSL_GUARDED_BY(mutex);

  void Add(Exchange* exchange) {
    MutexLock lock(mutex);
    exchanges.insert(exchange);
  }
  void Remove(Exchange* exchange) {
    MutexLock lock(mutex);
    exchanges.erase(exchange);
  }
};

GrpcUpstream::GrpcUpstream(const Channels& channels) : running_(std::make_shared<Running>()) {
  for (const auto& [service, channel] : channels) stubs_[service] = std::make_unique<grpc::GenericStub>(channel);
}

void GrpcUpstream::Call(UpstreamCall call, Callback done) {
  const auto stub = stubs_.find(ServiceOf(call.method));
  if (stub == stubs_.end()) return done(UpstreamUnavailable());
  auto exchange = std::make_shared<Exchange>();
  exchange->context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(call.time_left));
  for (const auto& [name, value] : call.metadata) exchange->context.AddMetadata(name, value);
  const grpc::Slice slice(call.request);
  exchange->request = grpc::ByteBuffer(&slice, 1);
  running_->Add(exchange.get());
  stub->second->UnaryCall(&exchange->context, call.method, grpc::StubOptions(), &exchange->request, &exchange->response,
                          [exchange, running = running_, done = std::move(done)](const grpc::Status& status) {
                            running->Remove(exchange.get());
                            done(status.ok() ? Bytes(exchange->response) : FromGrpc(status));
                          });
}

void GrpcUpstream::CancelAll() {
  // Under the lock, so that no context goes away meanwhile; callbacks come on grpc++'s own threads.
  MutexLock lock(running_->mutex);
  for (Exchange* exchange : running_->exchanges) exchange->context.TryCancel();
}

}  // namespace lumbar::gateway
