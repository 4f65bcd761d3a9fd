#include "common/rpc/pipeline.h"

#include <absl/time/time.h>

#include "common/rpc/body_hash.h"
#include "common/rpc/errors.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace lumbar::rpc {
namespace {

std::string MetadataOf(const grpc::CallbackServerContext& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
}

TraceContext TraceOf(const grpc::CallbackServerContext& context) {
  const auto parent = ParseTraceparent(MetadataOf(context, "traceparent"));
  return parent.has_value() ? ChildOf(*parent) : NewTrace();
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context, absl::Time now) {
  const auto asked = context.deadline();
  if (asked == std::chrono::system_clock::time_point::max()) return now + kDefaultDeadline;
  return absl::FromChrono(asked);
}

}  // namespace

// One call on its way. The transport keeps context, request and response alive until the reactor is finished.
struct Pipeline::Call {
  const Route& route;
  grpc::CallbackServerContext* context;
  const google::protobuf::Message* request;
  google::protobuf::Message* response;
  Handler handler;
  grpc::ServerUnaryReactor* reactor;
  absl::Time arrived;
  absl::Time deadline;
  TraceContext trace;
  auth::Caller caller;
  // The request with its owner filled in, when that was left to us.
  std::unique_ptr<google::protobuf::Message> filled = nullptr;
  std::string audit_event = {};
};

absl::StatusOr<std::unique_ptr<Pipeline>> Pipeline::Create(
    const Foundation& foundation, const std::vector<const google::protobuf::ServiceDescriptor*>& services,
    Handlers handlers) {
  auto pipeline = std::unique_ptr<Pipeline>(new Pipeline(foundation, handlers));
  std::vector<const google::protobuf::Descriptor*> requests;
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      LUMBAR_ASSIGN_OR_RETURN(Method method, Method::Compile(*service->method(i)));
      auto* metrics = foundation.metrics.ForMethod(service->full_name(), service->method(i)->name());
      requests.push_back(service->method(i)->input_type());
      pipeline->routes_.emplace(requests.back(), Route{std::move(method), metrics});
    }
  }
  LUMBAR_ASSIGN_OR_RETURN(pipeline->validator_, validation::Validator::Create(requests));
  return pipeline;
}

grpc::ServerUnaryReactor* Pipeline::Serve(grpc::CallbackServerContext* context,
                                          const google::protobuf::Message& request, google::protobuf::Message& response,
                                          Handler handler) {
  const absl::Time now = foundation_.clock.Now();
  auto* reactor = context->DefaultReactor();
  const auto route = routes_.find(request.GetDescriptor());
  if (route == routes_.end()) {
    reactor->Finish(ToWire(absl::UnimplementedError("this method isn't served here")));
    return reactor;
  }
  route->second.metrics->Started();
  Call arrived{route->second,      context,       &request, &response,
               std::move(handler), reactor,       now,      DeadlineOf(*context, now),
               TraceOf(*context),  auth::Caller{}};
  if (handlers_ == Handlers::kNeverWait) {
    Run(arrived);
    return reactor;
  }
  const auto call = std::make_shared<Call>(std::move(arrived));
  if (!foundation_.executor.TrySubmit([this, call] { Run(*call); })) {
    // Shed calls are counted and not audited: under overload the audit log must not become the next queue.
    route->second.metrics->Handled(absl::StatusCode::kResourceExhausted, absl::ZeroDuration());
    reactor->Finish(ToWire(Overloaded()));
  }
  return reactor;
}

void Pipeline::Run(Call& call) {
  absl::Status status = Guard(call);
  if (status.ok()) status = Handle(call);
  Finish(call, status);
}

absl::Status Pipeline::Guard(Call& call) {
  const Method& method = call.route.method;
  if (call.context->IsCancelled()) return CallerGone();
  if (foundation_.clock.Now() >= call.deadline) return DeadlinePassed();
  // What can't be recorded isn't done.
  if (method.mutation() && audit_failing_.load()) return AuditUnwritable();
  const std::string authorization = MetadataOf(*call.context, "authorization");
  if (authorization.empty() && method.AllowsAnyone()) {
    call.caller.role = options::v1::ROLE_ANYONE;
  } else {
    LUMBAR_ASSIGN_OR_RETURN(call.caller, foundation_.authenticator.Authenticate(authorization));
  }
  if (!method.Allows(call.caller.role) && !method.AllowsAnyone()) return RoleNotAllowed();
  if (method.LacksOwner(call.caller, *call.request)) {
    call.filled.reset(call.request->New());
    call.filled->CopyFrom(*call.request);
    method.FillOwner(call.caller, *call.filled);
    call.request = call.filled.get();
  }
  LUMBAR_RETURN_IF_ERROR(method.CheckOwner(call.caller, *call.request));
  return validator_->Validate(*call.request);
}

absl::Status Pipeline::Handle(Call& call) {
  const Method& method = call.route.method;
  store::Mutation mutation;
  if (method.mutation()) {
    mutation = {call.caller.subject, method.path(), method.RequestIdOf(*call.request), BodyHash(*call.request)};
  }
  const CallContext context(call.caller, call.deadline, call.trace, std::move(mutation));
  absl::Status status;
  try {
    status = call.handler(context, *call.request);
  } catch (const std::exception&) {
    // Its text may hold anything, patient data too: it isn't logged.
    status = HandlerFailed();
  }
  call.audit_event = context.audit_event();
  const bool must_check = method.policy().ownership() == options::v1::OWNERSHIP_RESOURCE;
  if (status.ok() && must_check && !context.owner_checked()) status = AnswerWithheld();
  return status;
}

void Pipeline::Finish(Call& call, const absl::Status& status) {
  Audit(call, status);
  const absl::Duration took = foundation_.clock.Now() - call.arrived;
  call.route.metrics->Handled(status.code(), took);
  const bool ours = status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kDataLoss;
  Log(ours ? LogLevel::kError : LogLevel::kInfo, "call",
      {{"method", call.route.method.path()},
       {"code", absl::StatusCodeToString(status.code())},
       {"reason", ReasonOf(status)},
       {"duration_ms", absl::ToDoubleMilliseconds(took)},
       {"trace_id", call.trace.trace_id}});
  // Of a call that failed the transport sends the status alone.
  call.reactor->Finish(ToWire(status));
}

void Pipeline::Audit(const Call& call, const absl::Status& status) {
  const Method& method = call.route.method;
  Append({foundation_.clock.Now(), call.audit_event.empty() ? method.policy().audit() : call.audit_event, method.path(),
          call.caller.subject, options::v1::Role_Name(call.caller.role), absl::StatusCodeToString(status.code()),
          ReasonOf(status), Method::ResourceOf(*call.request, *call.response), call.trace.trace_id});
}

void Pipeline::Append(const AuditRecord& record) {
  const bool failing = !foundation_.audit.Append(record).ok();
  if (audit_failing_.exchange(failing) == failing) return;
  Log(LogLevel::kError, failing ? "audit_failing" : "audit_recovered");
}

absl::Status Pipeline::Ready() {
  if (!audit_failing_.load()) return absl::OkStatus();
  // Without calls nothing else would find out that the log can be written again.
  AuditRecord probe;
  probe.time = foundation_.clock.Now();
  probe.event = "audit.probe";
  Append(probe);
  return audit_failing_.load() ? AuditUnwritable() : absl::OkStatus();
}

}  // namespace lumbar::rpc
