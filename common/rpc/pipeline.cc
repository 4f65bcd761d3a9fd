#include "common/rpc/pipeline.h"

#include <absl/time/time.h>

#include <algorithm>

#include "common/rpc/body_hash.h"
#include "common/rpc/errors.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace lumbar::rpc {
namespace {

TraceContext TraceOf(const Exchange& exchange) {
  const auto parent = ParseTraceparent(exchange.Metadata("traceparent"));
  return parent.has_value() ? ChildOf(*parent) : NewTrace();
}

absl::Time DeadlineOf(const Exchange& exchange, absl::Time now) {
  const absl::Time asked = exchange.Deadline();
  return asked == absl::InfiniteFuture() ? now + kDefaultDeadline : asked;
}

// Successes that come by the ten thousand a second would leave an operator nothing else to read; metrics count them.
LogLevel LevelOf(const absl::Status& status, bool is_public_reading) {
  if (status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kDataLoss) {
    return LogLevel::kError;
  }
  return status.ok() && is_public_reading ? LogLevel::kDebug : LogLevel::kInfo;
}

}  // namespace

// One call on its way.
struct Pipeline::Call {
  const Route& route;
  std::unique_ptr<Exchange> exchange;
  absl::Time arrived;
  absl::Time deadline;
  TraceContext trace;
  auth::Caller caller = {};
  // The request with its owner filled in, when that was left to us.
  std::unique_ptr<google::protobuf::Message> filled = nullptr;
  std::string audit_event = {};
  // What a call is answered with that is answered by more than one message.
  std::shared_ptr<Stream> stream = nullptr;
  // By what was ready, of a method that anybody may call.
  bool is_public_reading = false;

  const google::protobuf::Message& request() const { return filled != nullptr ? *filled : exchange->Request(); }
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

std::optional<Pipeline::Call> Pipeline::Arrive(std::unique_ptr<Exchange> exchange) {
  const absl::Time now = foundation_.clock.Now();
  const auto route = routes_.find(exchange->Request().GetDescriptor());
  if (route == routes_.end()) {
    exchange->Finish(MethodUnknown());
    return std::nullopt;
  }
  route->second.metrics->Started();
  const absl::Time deadline = DeadlineOf(*exchange, now);
  TraceContext trace = TraceOf(*exchange);
  return Call{route->second, std::move(exchange), now, deadline, std::move(trace)};
}

void Pipeline::Serve(std::unique_ptr<Exchange> exchange) {
  std::optional<Call> arrived = Arrive(std::move(exchange));
  if (!arrived) return;
  if (handlers_ == Handlers::kNeverWait) return Run(*arrived);
  const auto call = std::make_shared<Call>(*std::move(arrived));
  if (!foundation_.executor.TrySubmit([this, call] { Run(*call); })) Shed(*call);
}

void Pipeline::ServeReady(std::unique_ptr<Exchange> exchange) {
  std::optional<Call> arrived = Arrive(std::move(exchange));
  if (!arrived) return;
  arrived->is_public_reading = arrived->route.method.AllowsAnyone();
  RunReady(std::make_shared<Call>(*std::move(arrived)));
}

void Pipeline::ServeStream(std::unique_ptr<Exchange> exchange, std::shared_ptr<Stream> stream) {
  std::optional<Call> arrived = Arrive(std::move(exchange));
  if (!arrived) return;
  const auto call = std::make_shared<Call>(*std::move(arrived));
  call->deadline = std::min(call->exchange->Deadline(), call->arrived + kLongestStream);
  call->stream = std::move(stream);
  if (!foundation_.executor.TrySubmit([this, call] { RunStream(call); })) Shed(*call);
}

void Pipeline::Shed(Call& call) {
  // Shed calls are counted and not audited: under overload the audit log must not become the next queue.
  call.route.metrics->Handled(absl::StatusCode::kResourceExhausted, absl::ZeroDuration());
  call.exchange->Finish(Overloaded());
}

void Pipeline::Run(Call& call) {
  absl::Status status = Guard(call);
  if (status.ok()) status = Handle(call);
  Finish(call, status);
}

void Pipeline::RunReady(const std::shared_ptr<Call>& call) {
  if (const absl::Status status = Guard(*call); !status.ok()) return Finish(*call, status);
  call->exchange->Find([this, call](const absl::Status& found) {
    const bool late = found.ok() && foundation_.clock.Now() >= call->deadline;
    Finish(*call, late ? DeadlinePassed() : found);
  });
}

void Pipeline::RunStream(const std::shared_ptr<Call>& call) {
  absl::Status status = Guard(*call);
  if (status.ok()) status = streams_.Add(call->stream);
  if (status.ok()) status = Handle(*call);
  if (!status.ok()) return Finish(*call, status);
  if (status = Audit(*call, absl::OkStatus()); !status.ok()) return Finish(*call, status);
  call->stream->Start(call->deadline, [this, call](const absl::Status& why) { Finish(*call, why); });
}

absl::Status Pipeline::Guard(Call& call) {
  const Method& method = call.route.method;
  if (call.exchange->IsCallerGone()) return CallerGone();
  if (foundation_.clock.Now() >= call.deadline) return DeadlinePassed();
  // What can't be recorded isn't done.
  if (method.mutation() && audit_failing_.load()) return AuditUnwritable();
  const absl::string_view authorization = call.exchange->Metadata("authorization");
  if (authorization.empty() && method.AllowsAnyone()) {
    call.caller.role = options::v1::ROLE_ANYONE;
  } else {
    LUMBAR_ASSIGN_OR_RETURN(call.caller, foundation_.authenticator.Authenticate(authorization));
  }
  if (!method.Allows(call.caller.role) && !method.AllowsAnyone()) return RoleNotAllowed();
  if (method.LacksOwner(call.caller, call.request())) {
    call.filled.reset(call.request().New());
    call.filled->CopyFrom(call.exchange->Request());
    method.FillOwner(call.caller, *call.filled);
  }
  LUMBAR_RETURN_IF_ERROR(method.CheckOwner(call.caller, call.request()));
  return validator_->Validate(call.request());
}

absl::Status Pipeline::Handle(Call& call) {
  const Method& method = call.route.method;
  store::Mutation mutation;
  if (method.mutation()) {
    mutation = {call.caller.subject, method.path(), method.RequestIdOf(call.request()), BodyHash(call.request())};
  }
  const CallContext context(call.caller, call.deadline, call.trace, std::move(mutation));
  absl::Status status;
  try {
    status = call.exchange->Handle(context, call.request());
  } catch (const std::exception&) {
    // Its text may hold anything, patient data too: it isn't logged.
    status = HandlerFailed();
  }
  call.audit_event = context.audit_event();
  const bool must_check = method.policy().ownership() == options::v1::OWNERSHIP_RESOURCE;
  if (status.ok() && must_check && !context.owner_checked()) status = AnswerWithheld();
  return status;
}

void Pipeline::Finish(Call& call, absl::Status status) {
  const absl::Status recorded = Audit(call, status);
  if (status.ok()) status = recorded;
  const absl::Duration took = foundation_.clock.Now() - call.arrived;
  call.route.metrics->Handled(status.code(), took);
  Log(LevelOf(status, call.is_public_reading), "call",
      {{"method", call.route.method.path()},
       {"code", absl::StatusCodeToString(status.code())},
       {"reason", ReasonOf(status)},
       {"duration_ms", absl::ToDoubleMilliseconds(took)},
       {"trace_id", call.trace.trace_id}});
  if (call.stream != nullptr) streams_.Remove(std::exchange(call.stream, nullptr));
  call.exchange->Finish(status);
}

absl::Status Pipeline::Audit(const Call& call, const absl::Status& status) {
  const Method& method = call.route.method;
  const AuditRecord record = {foundation_.clock.Now(),
                              call.audit_event.empty() ? method.policy().audit() : call.audit_event,
                              method.path(),
                              call.caller.subject,
                              options::v1::Role_Name(call.caller.role),
                              absl::StatusCodeToString(status.code()),
                              ReasonOf(status),
                              method.ResourceOf(call.request(), call.exchange->Response()),
                              call.trace.trace_id};
  const bool may_wait = status.ok() && call.is_public_reading;
  const absl::Status recorded = may_wait ? foundation_.audit.AppendSoon(record) : foundation_.audit.Append(record);
  OnAudited(recorded);
  // A change is made by now, and a plain reading goes on while the disk is full. What a handler tells apart, such as a
  // reading by a grant, must not go unseen.
  const bool is_apart = !call.audit_event.empty() && !method.mutation();
  return recorded.ok() || !is_apart ? absl::OkStatus() : AuditUnwritable();
}

void Pipeline::OnAudited(const absl::Status& appended) {
  const bool failing = !appended.ok();
  if (audit_failing_.exchange(failing) == failing) return;
  Log(LogLevel::kError, failing ? "audit_failing" : "audit_recovered");
}

absl::Status Pipeline::Ready() {
  if (!audit_failing_.load()) return absl::OkStatus();
  // Without calls nothing else would find out that the log can be written again.
  AuditRecord probe;
  probe.time = foundation_.clock.Now();
  probe.event = "audit.probe";
  OnAudited(foundation_.audit.Append(probe));
  return audit_failing_.load() ? AuditUnwritable() : absl::OkStatus();
}

}  // namespace lumbar::rpc
