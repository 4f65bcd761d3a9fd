#include "services/notification/errors.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"

namespace lumbar::notification {

absl::Status MessageNotFound() {
  return WithReason(absl::NotFoundError("there is no such message"), "MESSAGE_NOT_FOUND");
}

absl::Status MessageNotDead() {
  return WithReason(absl::FailedPreconditionError("the message wasn't given up, so there is nothing to replay"),
                    "MESSAGE_NOT_DEAD");
}

absl::Status ClaimLost() {
  return WithReason(absl::AbortedError("the message is no longer this dispatcher's"), "CLAIM_LOST");
}

absl::Status ConversationNotFound() {
  return WithReason(absl::NotFoundError("there is no such conversation"), "CONVERSATION_NOT_FOUND");
}

absl::Status ConversationClosed() {
  return WithReason(absl::FailedPreconditionError("the conversation is closed until the patient writes again"),
                    "CONVERSATION_CLOSED");
}

absl::Status ConversationFull() {
  return WithReason(
      absl::FailedPreconditionError("the conversation is full; close it, and the patient's next text begins a new one"),
      "CONVERSATION_FULL");
}

absl::Status NumberNotAnswerable() {
  return WithReason(absl::FailedPreconditionError("that sender can't be texted"), "NUMBER_NOT_ANSWERABLE");
}

absl::Status EtagMismatch() {
  return WithReason(absl::AbortedError("the conversation changed meanwhile; read it again"), "ETAG_MISMATCH");
}

absl::Status StaffEmailMissing() {
  return WithReason(absl::FailedPreconditionError("nobody is named to be told; see --staff-email"),
                    "STAFF_EMAIL_MISSING");
}

absl::Status PhoneNumberMissing() {
  return WithReason(absl::FailedPreconditionError("the patient gave no number to send texts to"),
                    "PHONE_NUMBER_MISSING");
}

absl::Status ChannelNotConfigured() {
  return WithReason(absl::FailedPreconditionError("this service has no provider for that channel; see its flags"),
                    "CHANNEL_NOT_CONFIGURED");
}

absl::Status MailUnreachable(absl::string_view problem) {
  return WithReason(absl::UnavailableError(absl::StrCat("the mail server can't be used (", problem, "); check --smtp")),
                    "MAIL_UNREACHABLE");
}

absl::Status MailDeferred(int code) {
  return WithReason(
      absl::UnavailableError(absl::StrCat("the mail server said not now (", code, "); it is tried again")),
      "MAIL_DEFERRED");
}

absl::Status MailRefused(int code) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("the mail server refused the letter for good (", code,
                                                               "); reach the patient another way")),
                    "MAIL_REFUSED");
}

absl::Status MailOutcomeUnknown() {
  return WithReason(absl::UnknownError("the connection broke before the mail server answered; the letter is sent again "
                                       "under the same Message-ID"),
                    "MAIL_OUTCOME_UNKNOWN");
}

absl::Status CannotBeAsked() {
  return WithReason(absl::UnimplementedError("the provider doesn't tell what it has taken"), "OUTCOME_UNKNOWN");
}

absl::Status MailServerUrl() {
  return WithReason(absl::InvalidArgumentError("the mail server must be smtp://host:port or smtps://host:port"),
                    "MAIL_SERVER_URL");
}

absl::Status MailSender() {
  return WithReason(absl::InvalidArgumentError("the sender must be an e-mail address, e.g. visits@clinic.example"),
                    "MAIL_SENDER");
}

absl::Status StaffEmail() {
  return WithReason(
      absl::InvalidArgumentError("--staff-email must be one e-mail address, e.g. desk@clinic.example; for "
                                 "several people that of a list"),
      "STAFF_EMAIL");
}

absl::Status UnknownTimeZone() {
  return WithReason(absl::InvalidArgumentError("--time-zone must be an IANA zone, e.g. America/New_York"), "TIME_ZONE");
}

absl::Status HttpUnreachable(absl::string_view problem) {
  return WithReason(absl::UnavailableError(problem), "HTTP_UNREACHABLE");
}

absl::Status HttpAddressRefused() {
  return WithReason(absl::PermissionDeniedError("the host's address is private, local or reserved"),
                    "HTTP_ADDRESS_REFUSED");
}

absl::Status HttpNoAnswer() {
  return WithReason(absl::UnknownError("the connection ended, or time did, before the answer"), "HTTP_NO_ANSWER");
}

absl::Status SmsProvider(absl::string_view option) {
  return WithReason(absl::InvalidArgumentError(
                        absl::StrCat("a text provider's ", option, " is missing or not one; see --sms-providers")),
                    "SMS_PROVIDER");
}

absl::Status SmsProviderTwice(absl::string_view name) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("two text providers are named ", name,
                                                            "; give each a name= of its own in --sms-providers")),
                    "SMS_PROVIDER");
}

absl::Status PublicUrl() {
  return WithReason(absl::InvalidArgumentError("--public-url must be https://host or https://host/path, as providers "
                                               "reach the gateway, without a slash, query or fragment at its end"),
                    "PUBLIC_URL");
}

absl::Status SmsUnreachable(absl::string_view problem) {
  return WithReason(absl::UnavailableError(absl::StrCat("the text provider can't be used (", problem, ")")),
                    "SMS_UNREACHABLE");
}

absl::Status SmsDeferred(int http_code) {
  return WithReason(
      absl::UnavailableError(absl::StrCat("the text provider said not now (", http_code, "); it is tried again")),
      "SMS_DEFERRED");
}

absl::Status SmsAccount(int code) {
  return WithReason(absl::UnavailableError(absl::StrCat("the text provider refused this service (", code,
                                                        "); check its account, sender and permissions")),
                    "SMS_ACCOUNT");
}

absl::Status SmsRefused(int code) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("the text provider refused the text for good (", code,
                                                               "); reach the patient another way")),
                    "SMS_REFUSED");
}

absl::Status OptedOut() { return WithReason(absl::FailedPreconditionError("the patient wants no texts"), "OPTED_OUT"); }

absl::Status SmsOutcomeUnknown() {
  return WithReason(absl::UnknownError("the text provider may have taken the text; it is asked before the next try"),
                    "SMS_OUTCOME_UNKNOWN");
}

absl::Status WebhookUrl() {
  return WithReason(absl::InvalidArgumentError("the webhook must be https://host/path; http and private networks only "
                                               "with --webhook-network=private"),
                    "WEBHOOK_URL");
}

absl::Status WebhookSecret() {
  return WithReason(absl::InvalidArgumentError("the webhook's secrets must be lines of whsec_ and base64 of 24 to 64 "
                                               "bytes; check --webhook-secret-file"),
                    "WEBHOOK_SECRET");
}

absl::Status WebhookUnreachable(absl::string_view problem) {
  return WithReason(absl::UnavailableError(absl::StrCat("the webhook can't be reached (", problem, ")")),
                    "WEBHOOK_UNREACHABLE");
}

absl::Status WebhookDeferred(int http_code) {
  return WithReason(absl::UnavailableError(absl::StrCat("the webhook answered ", http_code, "; it is tried again")),
                    "WEBHOOK_DEFERRED");
}

absl::Status WebhookGone() {
  return WithReason(absl::FailedPreconditionError("the webhook's receiver wants no more (410)"), "WEBHOOK_GONE");
}

absl::Status WebhookAddressRefused() {
  return WithReason(absl::FailedPreconditionError("the webhook's host is in a private network; see "
                                                  "--webhook-network=private"),
                    "WEBHOOK_ADDRESS_REFUSED");
}

absl::Status WebhookOutcomeUnknown() {
  return WithReason(absl::UnknownError("the webhook may have taken the request; it is sent again under the same id"),
                    "WEBHOOK_OUTCOME_UNKNOWN");
}

absl::Status CarrierFlag(absl::string_view flag, absl::string_view first, absl::string_view second) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat(flag, " is ", first, " or ", second)), "CARRIER_FLAG");
}

absl::Status SecretFile(absl::string_view flag) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the file of ", flag, " can't be read, or is empty")),
                    "SECRET_FILE");
}

absl::Status CallbackNotSigned() {
  return WithReason(absl::UnauthenticatedError("no provider that is known here signed this"), "CALLBACK_NOT_SIGNED");
}

absl::Status CallbackMalformed() {
  return WithReason(absl::InvalidArgumentError("it lacks what such a callback has"), "CALLBACK_MALFORMED");
}

absl::Status NeverTaken() {
  return WithReason(absl::NotFoundError("the provider doesn't know the message"), "NEVER_TAKEN");
}

absl::Status ProvidersSlow() {
  return WithReason(absl::UnavailableError("the providers take too long to say what they have taken"),
                    "PROVIDERS_SLOW");
}

absl::Status ProvidersResting() {
  return WithReason(absl::ResourceExhaustedError("each provider is past its rate, or failed too often a moment ago"),
                    "PROVIDERS_RESTING");
}

absl::Status PracticeMissing() {
  return WithReason(absl::InvalidArgumentError("the practice needs a name: patients must know whom a message is from"),
                    "PRACTICE_MISSING");
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

absl::Status TemplateUnescaped(absl::string_view file, absl::string_view variable) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat("template ", file, " is HTML and must write {{", variable, ":h}}")),
      "TEMPLATE_UNESCAPED");
}

absl::Status TemplateWording(absl::string_view file, absl::string_view word) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("template ", file, " says \"", word,
                                                               "\"; a message names neither an illness nor a bill")),
                    "TEMPLATE_WORDING");
}

absl::Status TemplateWithoutPractice(absl::string_view file) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("template ", file, " doesn't name {{PRACTICE}}")),
                    "TEMPLATE_WORDING");
}

absl::Status RenderFailed() {
  return WithReason(absl::InternalError("the message's template can't be expanded"), "RENDER_FAILED");
}

}  // namespace lumbar::notification
