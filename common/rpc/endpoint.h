// For grpc++: joins a generated service to the plain classes that do its work: each wire method is one line.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <tuple>

#include "common/rpc/grpc_stream.h"
#include "common/rpc/grpcpp_exchange.h"
#include "common/rpc/pipeline.h"

namespace lumbar::rpc {

// `Wire` is a generated CallbackService. Each of `Logic` has members of one of these forms; the second builds the
// answer where the transport wants it, for methods whose answers are large.
//   absl::StatusOr<Response> Handler(const CallContext& context, const Request& request);
//   absl::Status Handler(const CallContext& context, const Request& request, Response& response);
// Of a method that is answered with a stream:
//   absl::StatusOr<std::unique_ptr<StreamSource>> Handler(const CallContext& context, const Request& request);
template <typename Wire, typename... Logic>
class Endpoint : public Wire {
 public:
  // All must outlive it.
  explicit Endpoint(Pipeline& pipeline, Logic&... logic) : pipeline_(pipeline), logic_(logic...) {}

 protected:
  template <typename Request, typename Response, typename Member>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                  Member handler) {
    return Run(context, request, response,
               [this, response, handler](const CallContext& call, const google::protobuf::Message& body) {
                 auto& logic = std::get<decltype(OwnerOf(handler))>(logic_);
                 absl::StatusOr<Response> answer = (logic.*handler)(call, static_cast<const Request&>(body));
                 if (!answer.ok()) return answer.status();
                 *response = *std::move(answer);
                 return absl::OkStatus();
               });
  }

  template <typename Request, typename Response, typename Owner>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                  absl::Status (Owner::*handler)(const CallContext&, const Request&, Response&)) {
    return Run(context, request, response,
               [this, response, handler](const CallContext& call, const google::protobuf::Message& body) {
                 return (std::get<Owner&>(logic_).*handler)(call, static_cast<const Request&>(body), *response);
               });
  }

  template <typename Response, typename Request, typename Owner>
  grpc::ServerWriteReactor<Response>* ServeStream(
      grpc::CallbackServerContext* context, const Request* request,
      absl::StatusOr<std::unique_ptr<StreamSource>> (Owner::*handler)(const CallContext&, const Request&)) {
    auto* const reactor = new GrpcStream<Response>(*context, pipeline_.executor(), pipeline_.clock());
    const auto open = [this, reactor, handler](const CallContext& call, const google::protobuf::Message& body) {
      auto source = (std::get<Owner&>(logic_).*handler)(call, static_cast<const Request&>(body));
      if (source.ok()) reactor->stream()->Open(*std::move(source));
      return source.status();
    };
    pipeline_.ServeStream(std::make_unique<GrpcppStreamed<decltype(open)>>(*context, *request, *reactor, open),
                          reactor->stream());
    return reactor;
  }

 private:
  // Whose member `handler` is.
  template <typename Handler, typename Owner>
  static Owner& OwnerOf(Handler Owner::*handler);

  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                Handler handler) {
    auto exchange = std::make_unique<GrpcppUnary<Handler>>(*context, *request, *response, std::move(handler));
    auto* reactor = exchange->reactor();
    pipeline_.Serve(std::move(exchange));
    return reactor;
  }

  Pipeline& pipeline_;
  const std::tuple<Logic&...> logic_;
};

}  // namespace lumbar::rpc
