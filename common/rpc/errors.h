// How a call fails before or around its handler.
#pragma once

#include <absl/status/status.h>

namespace lumbar::rpc {

// PERMISSION_DENIED/NOT_YOURS: a patient asked for another patient's data.
absl::Status NotYours();
// PERMISSION_DENIED/ROLE_NOT_ALLOWED: the contract doesn't list the caller's role.
absl::Status RoleNotAllowed();
// RESOURCE_EXHAUSTED/OVERLOADED, with RetryInfo: shed before it was begun; safe to send again.
absl::Status Overloaded();
// DEADLINE_EXCEEDED/DEADLINE_PASSED: the caller stopped waiting before the call was begun; nothing happened.
absl::Status DeadlinePassed();
// CANCELLED/CALLER_GONE: the caller went away before the call was begun; nothing happened.
absl::Status CallerGone();
// INTERNAL/ANSWER_WITHHELD: a handler answered without checking whose data it was.
absl::Status AnswerWithheld();
// INTERNAL/HANDLER_FAILED: a handler threw.
absl::Status HandlerFailed();
// UNAVAILABLE/AUDIT_UNWRITABLE: the audit log can't be written, so the call isn't begun.
absl::Status AuditUnwritable();

// UNIMPLEMENTED/METHOD_UNKNOWN: no service of this port has the method.
absl::Status MethodUnknown();
// UNIMPLEMENTED/METHOD_PLANNED: the contract announces the method, and nothing serves it yet.
absl::Status MethodPlanned();
// UNIMPLEMENTED/MESSAGE_COMPRESSED: messages are taken uncompressed.
absl::Status MessageCompressed();
// INTERNAL/MESSAGE_MALFORMED: not exactly one message of the method's request type.
absl::Status MessageMalformed();
// RESOURCE_EXHAUSTED/MESSAGE_TOO_LARGE.
absl::Status MessageTooLarge();
// RESOURCE_EXHAUSTED/METADATA_TOO_LARGE.
absl::Status MetadataTooLarge();
// INVALID_ARGUMENT/TIMEOUT_MALFORMED: grpc-timeout isn't up to eight digits and a unit.
absl::Status TimeoutMalformed();
// RESOURCE_EXHAUSTED/TOO_MANY_STREAMS: this process serves as many streams as it may.
absl::Status TooManyStreams();
// INVALID_ARGUMENT/INVALID_PAGE_TOKEN at resume_token: of another stream, or damaged.
absl::Status InvalidResumeToken();
// UNAVAILABLE/STREAM_ENDED: the process stops, or the stream lasted as long as one may; it can be resumed.
absl::Status StreamEnded();
// UNAVAILABLE/READER_STALLED: the caller didn't take a message for long; it can be resumed.
absl::Status ReaderStalled();

}  // namespace lumbar::rpc
