// Every way notification says no. One function per failure: the message is for a person and says what to do next, the
// reason is for a program and stays. No message holds a patient's name, address or visit.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::notification {

// NOT_FOUND/MESSAGE_NOT_FOUND.
absl::Status MessageNotFound();
// ABORTED/CLAIM_LOST: another process has the message by now, or an event dropped it.
absl::Status ClaimLost();

// UNAVAILABLE/MAIL_UNREACHABLE: nothing was handed over; `problem` is the mail library's own constant text.
absl::Status MailUnreachable(absl::string_view problem);
// UNAVAILABLE/MAIL_DEFERRED: the server said not now (4xx), or refused this service and not the letter.
absl::Status MailDeferred(long code);
// FAILED_PRECONDITION/MAIL_REFUSED: the server refused the letter for good (5xx).
absl::Status MailRefused(long code);
// UNKNOWN/MAIL_OUTCOME_UNKNOWN: the letter was on its way when the connection broke; it may have been taken.
absl::Status MailOutcomeUnknown();
// INVALID_ARGUMENT/MAIL_SERVER_URL.
absl::Status MailServerUrl();
// INVALID_ARGUMENT/MAIL_SENDER.
absl::Status MailSender();

// FAILED_PRECONDITION/TEMPLATE_MISSING: `file` isn't there or isn't a template.
absl::Status TemplateMissing(absl::string_view file);
// FAILED_PRECONDITION/TEMPLATE_VARIABLE: `file` uses a variable, section or include that no message has.
absl::Status TemplateVariable(absl::string_view file, absl::string_view variable);
// INTERNAL/RENDER_FAILED.
absl::Status RenderFailed();

}  // namespace lumbar::notification
