// What every call of every method goes through, in this order: deadline, authenticate, authorise, validate, handle,
// audit, measure. All of it follows from the contracts' declarations; nothing here knows a service or a transport.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <google/protobuf/descriptor.h>

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/concurrency/executor.h"
#include "common/rpc/exchange.h"
#include "common/rpc/method.h"
#include "common/rpc/stream.h"
#include "common/telemetry/audit.h"
#include "common/telemetry/metrics.h"
#include "common/time/clock.h"
#include "common/validation/validator.h"

namespace lumbar::rpc {

// What the pipeline stands on; all of it must outlive the pipeline.
struct Foundation {
  auth::Authenticator& authenticator;
  AuditLog& audit;
  RpcMetrics& metrics;
  Executor& executor;
  const Clock& clock;
};

// A caller without a deadline gets this one.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);

// Whether the handlers of a service ever wait: for a disk, a lock held for long, another service.
enum class Handlers {
  // Each call runs on the executor, and is shed when that is full.
  kMayWait,
  // Each call runs where it arrives, on a thread of the transport's: two changes of threads cost more than a handler
  // that only computes. Nothing queues in this process; what comes too late is refused by its deadline.
  kNeverWait,
};

class Pipeline {
 public:
  // Compiles policies and validation rules of all methods of `services`.
  // FAILED_PRECONDITION/CONTRACT_REFUSED: a method lacks a policy, or has a rule that can't be evaluated.
  static absl::StatusOr<std::unique_ptr<Pipeline>> Create(
      const Foundation& foundation, const std::vector<const google::protobuf::ServiceDescriptor*>& services,
      Handlers handlers = Handlers::kMayWait);

  // Runs one call to its Finish. Handlers that may wait run on the executor: then it returns at once, and sheds with
  // RESOURCE_EXHAUSTED/OVERLOADED when the executor is full.
  void Serve(std::unique_ptr<Exchange> exchange);

  // Runs one call whose answer may be ready, where it arrives: nothing of it waits, so it never takes the executor.
  // Where anybody may call, a success is logged at debug, and its audit line may wait (AuditLog::AppendSoon).
  void ServeReady(std::unique_ptr<Exchange> exchange);

  // Runs one call that is answered by `stream`, which its handler opens: audited when it begins and when it ends. On
  // the executor, always.
  void ServeStream(std::unique_ptr<Exchange> exchange, std::shared_ptr<Stream> stream);
  StreamSet& streams() { return streams_; }
  Executor& executor() { return foundation_.executor; }
  const Clock& clock() const { return foundation_.clock; }

  // While the audit log can't be written, tries it again with a record of its own, "audit.probe".
  // UNAVAILABLE/AUDIT_UNWRITABLE: it still can't be; mutations are refused.
  absl::Status Ready();

 private:
  struct Route {
    Method method;
    MethodMetrics* metrics;
  };
  struct Call;

  Pipeline(const Foundation& foundation, Handlers handlers) : foundation_(foundation), handlers_(handlers) {}
  // Counts a call and gives it its deadline. Nothing: there is no such method, and the call is finished.
  std::optional<Call> Arrive(std::unique_ptr<Exchange> exchange);
  void Shed(Call& call);
  void Run(Call& call);
  void RunReady(const std::shared_ptr<Call>& call);
  void RunStream(const std::shared_ptr<Call>& call);
  absl::Status Guard(Call& call);
  absl::Status Handle(Call& call);
  void Finish(Call& call, absl::Status status);
  // UNAVAILABLE/AUDIT_UNWRITABLE: it was done as something of its own, and that can't be recorded.
  absl::Status Audit(const Call& call, const absl::Status& status);
  // Learns from each record whether the log can be written.
  void OnAudited(const absl::Status& appended);

  const Foundation foundation_;
  const Handlers handlers_;
  std::unique_ptr<validation::Validator> validator_;
  // By request type: buf's STANDARD rules give every rpc a request type of its own.
  absl::flat_hash_map<const google::protobuf::Descriptor*, Route> routes_;
  std::atomic<bool> audit_failing_ = false;
  StreamSet streams_;
};

}  // namespace lumbar::rpc
