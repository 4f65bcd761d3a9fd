#include "common/rpc/client.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "common/transport/peer_target.h"

namespace lumbar::rpc {

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target, const transport::Credentials* credentials) {
  const transport::PeerTarget peer = transport::ParsePeerTarget(target);
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetMaxReceiveMessageSize(1 << 20);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  if (credentials == nullptr) {
    return grpc::CreateCustomChannel(peer.address, grpc::InsecureChannelCredentials(), arguments);
  }
  if (peer.name) arguments.SetSslTargetNameOverride(*peer.name);
  return grpc::CreateCustomChannel(
      peer.address, grpc::SslCredentials({credentials->authorities, credentials->key, credentials->certificate}),
      arguments);
}

void Prepare(grpc::ClientContext& context, const CallOptions& options) {
  context.set_deadline(absl::ToChronoTime(options.deadline));
  context.AddMetadata("traceparent", FormatTraceparent(ChildOf(options.trace)));
  if (!options.token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", options.token));
}

}  // namespace lumbar::rpc
