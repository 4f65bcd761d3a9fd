// What a handler knows of the call besides the request. Free of the transport, so that a domain may include it.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <atomic>
#include <string>

#include "common/auth/caller.h"
#include "common/store/mutation.h"
#include "common/telemetry/trace.h"

namespace lumbar::rpc {

class CallContext {
 public:
  CallContext(auth::Caller caller, absl::Time deadline, TraceContext trace, store::Mutation mutation)
      : caller_(std::move(caller)), deadline_(deadline), trace_(std::move(trace)), mutation_(std::move(mutation)) {}

  // ROLE_ANYONE with an empty subject if no token came along.
  const auth::Caller& caller() const { return caller_; }
  // When the caller stops waiting. Calls made on its behalf must end before.
  absl::Time deadline() const { return deadline_; }
  // The span of this call.
  const TraceContext& trace() const { return trace_; }
  // For a mutation: the key under which its answer is kept. Empty for a read.
  const store::Mutation& mutation() const { return mutation_; }

  // For methods of OWNERSHIP_RESOURCE: whether the caller may touch what belongs to `patient`. Call it before acting;
  // an OK answer of a handler that didn't is withheld.
  // PERMISSION_DENIED/NOT_YOURS: the caller is another patient.
  absl::Status CheckOwner(absl::string_view patient) const;
  bool owner_checked() const { return owner_checked_.load(); }

  // Audits the call as `event` instead of the contract's, whatever becomes of it: for a use of the method that must be
  // told apart. Only the handler's own thread may call it.
  void NoteAuditEvent(absl::string_view event) const { audit_event_ = std::string(event); }
  // Empty: the contract's.
  const std::string& audit_event() const { return audit_event_; }

 private:
  const auth::Caller caller_;
  const absl::Time deadline_;
  const TraceContext trace_;
  const store::Mutation mutation_;
  mutable std::atomic<bool> owner_checked_ = false;
  mutable std::string audit_event_;
};

}  // namespace lumbar::rpc
