#include "services/notification/errors.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"

namespace lumbar::notification {

absl::Status MessageNotFound() {
  return WithReason(absl::NotFoundError("there is no such message"), "MESSAGE_NOT_FOUND");
}

absl::Status ClaimLost() {
  return WithReason(absl::AbortedError("the message is no longer this dispatcher's"), "CLAIM_LOST");
}

absl::Status MailUnreachable(absl::string_view problem) {
  return WithReason(absl::UnavailableError(absl::StrCat("the mail server can't be used (", problem, "); check --smtp")),
                    "MAIL_UNREACHABLE");
}

absl::Status MailDeferred(long code) {
  return WithReason(
      absl::UnavailableError(absl::StrCat("the mail server said not now (", code, "); it is tried again")),
      "MAIL_DEFERRED");
}

absl::Status MailRefused(long code) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("the mail server refused the letter for good (", code,
                                                               "); reach the patient another way")),
                    "MAIL_REFUSED");
}

absl::Status MailOutcomeUnknown() {
  return WithReason(absl::UnknownError("the connection broke before the mail server answered; the letter is sent again "
                                       "under the same Message-ID"),
                    "MAIL_OUTCOME_UNKNOWN");
}

absl::Status MailServerUrl() {
  return WithReason(absl::InvalidArgumentError("the mail server must be smtp://host:port or smtps://host:port"),
                    "MAIL_SERVER_URL");
}

absl::Status MailSender() {
  return WithReason(absl::InvalidArgumentError("the sender must be an e-mail address, e.g. visits@clinic.example"),
                    "MAIL_SENDER");
}

absl::Status TemplateMissing(absl::string_view file) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat("template ", file, " is missing or damaged; check --templates-dir")),
      "TEMPLATE_MISSING");
}

absl::Status TemplateVariable(absl::string_view file, absl::string_view variable) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat("template ", file, " uses {{", variable, "}}, which no message has")),
      "TEMPLATE_VARIABLE");
}

absl::Status RenderFailed() {
  return WithReason(absl::InternalError("the message's template can't be expanded"), "RENDER_FAILED");
}

}  // namespace lumbar::notification
