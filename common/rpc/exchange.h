// One call as its transport shows it to the pipeline: what came along, and the way to answer.
#pragma once

#include <absl/functional/any_invocable.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <google/protobuf/message.h>

#include "common/rpc/call_context.h"

namespace lumbar::rpc {

// Used by one thread at a time. What its functions refer to lives until Finish.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // The caller's metadata of this name, in lower case; the first of several, "" if there is none.
  virtual absl::string_view Metadata(absl::string_view name) const = 0;
  // When the caller stops waiting; InfiniteFuture if it didn't say.
  virtual absl::Time Deadline() const = 0;
  virtual bool IsCallerGone() const = 0;
  virtual const google::protobuf::Message& Request() const = 0;
  virtual const google::protobuf::Message& Response() const = 0;
  // Has `request`, which may be another than Request(), handled into Response().
  virtual absl::Status Handle(const CallContext& context, const google::protobuf::Message& request) = 0;
  // Instead, of a method whose answers may be ready: has the answer found, and calls `done` once it can be sent or
  // there is none: before it returns, or later from another thread. Never waits.
  virtual void Find(absl::AnyInvocable<void(const absl::Status&)> done) = 0;
  // Sends the answer, or of a call that failed the status alone. Once, from any thread, and nothing comes after it.
  virtual void Finish(const absl::Status& status) = 0;
};

}  // namespace lumbar::rpc
