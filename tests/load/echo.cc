// The least that a server of protobuf messages can do with grpc++'s callback API: takes one message of bytes, gives
// another, looks at nothing.
#include <CLI/CLI.hpp>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/method_handler.h>
#include <grpcpp/support/server_callback.h>

#include <string>

namespace lumbar::load {
namespace {

using google::protobuf::BytesValue;

constexpr char kMethod[] = "/lumbar.load.Echo/Call";

// What the code generator writes for a service of one unary method.
class Echo final : public grpc::Service {
 public:
  explicit Echo(size_t answer_bytes) {
    // The size on the wire includes the field's tag and length.
    answer_.set_value(std::string(answer_bytes, 'x'));
    while (answer_.ByteSizeLong() > answer_bytes) answer_.mutable_value()->pop_back();
    AddMethod(new grpc::internal::RpcServiceMethod(kMethod, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(0, new grpc::internal::CallbackUnaryHandler<BytesValue, BytesValue>(
                              [this](grpc::CallbackServerContext* context, const BytesValue*, BytesValue* response) {
                                *response = answer_;
                                auto* reactor = context->DefaultReactor();
                                reactor->Finish(grpc::Status::OK);
                                return reactor;
                              }));
  }

 private:
  BytesValue answer_;
};

}  // namespace
}  // namespace lumbar::load

int main(int argc, char** argv) {
  CLI::App app{"Answers /lumbar.load.Echo/Call with the same message each time"};
  int port = 0;
  size_t answer_bytes = 0;
  app.add_option("--port", port, "port on 127.0.0.1")->required()->check(CLI::Range(1, 65535));
  app.add_option("--answer-bytes", answer_bytes, "size of the answer on the wire")->required();
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
