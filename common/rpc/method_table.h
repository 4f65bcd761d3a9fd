// What a service offers: each method of its contract, and the function of a plain class that answers it.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "common/rpc/call_context.h"
#include "common/rpc/ready_answer.h"
#include "common/rpc/stream.h"

namespace lumbar::rpc {

struct OfferedMethod {
  // Makes empty messages of the method's types.
  const google::protobuf::Message* request = nullptr;
  const google::protobuf::Message* response = nullptr;
  std::function<absl::Status(const CallContext&, const google::protobuf::Message& request,
                             google::protobuf::Message& response)>
      handle = nullptr;
  // Of a method that is answered by a stream, instead.
  std::function<absl::StatusOr<std::unique_ptr<StreamSource>>(const CallContext&,
                                                              const google::protobuf::Message& request)>
      open = nullptr;
  // Of a method whose answers may be ready, instead.
  std::function<void(const google::protobuf::Message& request, GiveAnswer give)> find = nullptr;

  // Else it is planned.
  bool is_offered() const { return request != nullptr; }
};

// Made by ServiceMethods.
class MethodTable {
 public:
  const google::protobuf::ServiceDescriptor& contract() const { return *contract_; }
  // Null: the method is planned.
  const OfferedMethod* Find(const std::string& name) const;

  // FAILED_PRECONDITION/CONTRACT_REFUSED, naming method and fault: a method that isn't planned has no handler, a
  // planned one has one, a handler is for no method of the contract, for other types than the method's, streams where
  // the method doesn't, or has answers ready where the method changes something or belongs to somebody. Requests that
  // are streams are never offered.
  absl::Status Check() const;

 protected:
  explicit MethodTable(const google::protobuf::ServiceDescriptor& contract) : contract_(&contract) {}
  void Offer(absl::string_view name, OfferedMethod&& method) { methods_.emplace(name, std::move(method)); }

 private:
  const google::protobuf::ServiceDescriptor* contract_;
  absl::flat_hash_map<std::string, OfferedMethod> methods_;
};

// For example: ServiceMethods(contract, scheduler, prices).Add("CreateHold", &Scheduler::CreateHold). Each of `Logic`
// has members of one of these forms; the second builds the answer where the transport wants it.
//   absl::StatusOr<Response> Handler(const CallContext& context, const Request& request);
//   absl::Status Handler(const CallContext& context, const Request& request, Response& response);
// AddStream<WatchAppointmentsResponse>("WatchAppointments", ...) takes one that opens a stream of such messages:
//   absl::StatusOr<std::unique_ptr<StreamSource>> Handler(const CallContext& context, const Request& request);
// AddReady<GetArticleResponse>("GetArticle", ...) takes one whose answer is the same for every caller and often at
// hand:
//   void Handler(const Request& request, GiveAnswer give);
// It runs on the transport's thread: it never waits and never throws, and gives the answer before it returns or later
// from another thread. `request` is gone when it returns.
template <typename... Logic>
class ServiceMethods : public MethodTable {
 public:
  // All must outlive every call.
  explicit ServiceMethods(const google::protobuf::ServiceDescriptor& contract, Logic&... logic)
      : MethodTable(contract), logic_(logic...) {}

  template <typename Request, typename Response, typename Owner>
  ServiceMethods& Add(absl::string_view name,
                      absl::StatusOr<Response> (Owner::*handler)(const CallContext&, const Request&)) {
    return AddCall<Request, Response, Owner>(
        name, [handler](Owner& logic, const CallContext& context, const Request& request, Response& response) {
          absl::StatusOr<Response> answer = (logic.*handler)(context, request);
          if (!answer.ok()) return answer.status();
          response = *std::move(answer);
          return absl::OkStatus();
        });
  }

  template <typename Request, typename Response, typename Owner>
  ServiceMethods& Add(absl::string_view name,
                      absl::Status (Owner::*handler)(const CallContext&, const Request&, Response&)) {
    return AddCall<Request, Response, Owner>(
        name, [handler](Owner& logic, const CallContext& context, const Request& request, Response& response) {
          return (logic.*handler)(context, request, response);
        });
  }

  template <typename Response, typename Request, typename Owner>
  ServiceMethods& AddStream(absl::string_view name,
                            absl::StatusOr<std::unique_ptr<StreamSource>> (Owner::*handler)(const CallContext&,
                                                                                            const Request&)) {
    OfferedMethod method{&Request::default_instance(), &Response::default_instance()};
    method.open = [&logic = std::get<Owner&>(logic_), handler](const CallContext& context,
                                                               const google::protobuf::Message& request) {
      return (logic.*handler)(context, static_cast<const Request&>(request));
    };
    Offer(name, std::move(method));
    return *this;
  }

  template <typename Response, typename Request, typename Owner>
  ServiceMethods& AddReady(absl::string_view name, void (Owner::*handler)(const Request&, GiveAnswer)) {
    OfferedMethod method{&Request::default_instance(), &Response::default_instance()};
    method.find = [&logic = std::get<Owner&>(logic_), handler](const google::protobuf::Message& request,
                                                               GiveAnswer give) {
      (logic.*handler)(static_cast<const Request&>(request), std::move(give));
    };
    Offer(name, std::move(method));
    return *this;
  }

 private:
  template <typename Request, typename Response, typename Owner, typename Call>
  ServiceMethods& AddCall(absl::string_view name, Call call) {
    OfferedMethod method{&Request::default_instance(), &Response::default_instance()};
    method.handle = [&logic = std::get<Owner&>(logic_), call](const CallContext& context,
                                                              const google::protobuf::Message& request,
                                                              google::protobuf::Message& response) {
      return call(logic, context, static_cast<const Request&>(request), static_cast<Response&>(response));
    };
    Offer(name, std::move(method));
    return *this;
  }

  const std::tuple<Logic&...> logic_;
};

}  // namespace lumbar::rpc
