#include "common/rpc/errors.h"

#include "common/status/errors.h"

namespace lumbar::rpc {

absl::Status NotYours() {
  return WithReason(absl::PermissionDeniedError("this belongs to another patient; sign in as that patient"),
                    "NOT_YOURS");
}

absl::Status RoleNotAllowed() {
  return WithReason(absl::PermissionDeniedError("your role may not call this; ask an administrator for the right role"),
                    "ROLE_NOT_ALLOWED");
}

absl::Status Overloaded() {
  auto status = WithReason(absl::ResourceExhaustedError("too busy right now; try again in a second"), "OVERLOADED");
  return WithRetryDelay(std::move(status), absl::Seconds(1));
}

absl::Status DeadlinePassed() {
  return WithReason(absl::DeadlineExceededError("the deadline passed before the call began; nothing was done"),
                    "DEADLINE_PASSED");
}

absl::Status CallerGone() {
  return WithReason(absl::CancelledError("the caller went away before the call began; nothing was done"),
                    "CALLER_GONE");
}

absl::Status AnswerWithheld() {
  return WithReason(absl::InternalError("something is wrong on our side; the answer was withheld"), "ANSWER_WITHHELD");
}

absl::Status HandlerFailed() {
  return WithReason(absl::InternalError("something went wrong on our side; try again later"), "HANDLER_FAILED");
}

absl::Status AuditUnwritable() {
  return WithReason(absl::UnavailableError("calls can't be recorded right now; try again later"), "AUDIT_UNWRITABLE");
}

absl::Status MethodUnknown() {
  return WithReason(absl::UnimplementedError("this method isn't served here"), "METHOD_UNKNOWN");
}

absl::Status MethodPlanned() {
  return WithReason(absl::UnimplementedError("this method is planned and isn't served yet"), "METHOD_PLANNED");
}

absl::Status MessageCompressed() {
  return WithReason(absl::UnimplementedError("send the message uncompressed"), "MESSAGE_COMPRESSED");
}

absl::Status MessageMalformed() {
  return WithReason(absl::InternalError("the body isn't one message of the method's request type"),
                    "MESSAGE_MALFORMED");
}

absl::Status MessageTooLarge() {
  return WithReason(absl::ResourceExhaustedError("the message is larger than this server takes"), "MESSAGE_TOO_LARGE");
}

absl::Status MetadataTooLarge() {
  return WithReason(absl::ResourceExhaustedError("the metadata are larger than this server takes"),
                    "METADATA_TOO_LARGE");
}

absl::Status TimeoutMalformed() {
  return WithReason(absl::InvalidArgumentError("grpc-timeout must be one to eight digits and a unit, e.g. 500m"),
                    "TIMEOUT_MALFORMED");
}

absl::Status TooManyStreams() {
  return WithReason(absl::ResourceExhaustedError("too many streams are open here; close one, or try again later"),
                    "TOO_MANY_STREAMS");
}

absl::Status InvalidResumeToken() {
  return WithViolation(
      WithReason(absl::InvalidArgumentError("the resume token is not one of this stream; begin again without one"),
                 "INVALID_PAGE_TOKEN"),
      "resume_token", "is not one that a stream of this request told");
}

absl::Status StreamEnded() {
  return WithReason(absl::UnavailableError("the stream ends here; call again with the last resume token"),
                    "STREAM_ENDED");
}

absl::Status ReaderStalled() {
  return WithReason(absl::UnavailableError("the stream's reader took nothing for half a minute; call again with the "
                                           "last resume token"),
                    "READER_STALLED");
}

}  // namespace lumbar::rpc
