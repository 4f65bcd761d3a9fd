// Answers that are there before they are asked for. Free of the transport, so that a domain may include it.
#pragma once

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>

namespace lumbar::rpc {

// An answer as it goes over the wire, the serialised response: made once, sent often.
using ReadyAnswer = std::shared_ptr<const std::string>;
// Gives a call its answer: once, from any thread.
using GiveAnswer = absl::AnyInvocable<void(absl::StatusOr<ReadyAnswer>)>;

}  // namespace lumbar::rpc
