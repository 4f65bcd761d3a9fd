// The least that a grpc++ server can do: answers Assess with the same bytes each time and looks at nothing.
#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include "lumbar/triage/v1/triage_service.grpc.pb.h"

namespace lumbar::load {
namespace {

using triage::v1::TriageService;

// Neither request nor answer is parsed or serialised: both are the transport's own buffers.
class Echo final : public TriageService::WithRawCallbackMethod_Assess<TriageService::Service> {
 public:
  explicit Echo(size_t answer_bytes) {
    const grpc::Slice slice(std::string(answer_bytes, 'x'));
    answer_ = grpc::ByteBuffer(&slice, 1);
  }

  grpc::ServerUnaryReactor* Assess(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                   grpc::ByteBuffer* response) override {
    *response = answer_;
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  grpc::ByteBuffer answer_;
};

}  // namespace
}  // namespace lumbar::load

int main(int argc, char** argv) {
  CLI::App app{"Answers TriageService/Assess with the same bytes each time"};
  int port = 0;
  size_t answer_bytes = 0;
  app.add_option("--port", port, "port on 127.0.0.1")->required()->check(CLI::Range(1, 65535));
  app.add_option("--answer-bytes", answer_bytes, "size of the answer")->required();
  CLI11_PARSE(app, argc, argv);
  lumbar::load::Echo echo(answer_bytes);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials());
  builder.RegisterService(&echo);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  server->Wait();
  return 0;
}
