// Every way notification says no. One function per failure: the message is for a person and says what to do next, the
// reason is for a program and stays. No message holds a patient's name, address or visit.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::notification {

// NOT_FOUND/MESSAGE_NOT_FOUND.
absl::Status MessageNotFound();
// FAILED_PRECONDITION/MESSAGE_NOT_DEAD: only what was given up can be replayed.
absl::Status MessageNotDead();
// ABORTED/CLAIM_LOST: another process has the message by now, or an event dropped it.
absl::Status ClaimLost();

// NOT_FOUND/CONVERSATION_NOT_FOUND.
absl::Status ConversationNotFound();
// FAILED_PRECONDITION/CONVERSATION_CLOSED: the patient's next text opens it again.
absl::Status ConversationClosed();
// FAILED_PRECONDITION/CONVERSATION_FULL: it holds as many texts as it can.
absl::Status ConversationFull();
// FAILED_PRECONDITION/NUMBER_NOT_ANSWERABLE: an anonymous sender or a short code.
absl::Status NumberNotAnswerable();
// ABORTED/ETAG_MISMATCH: changed since the caller read it.
absl::Status EtagMismatch();
// FAILED_PRECONDITION/STAFF_EMAIL_MISSING: nobody is named who could be told.
absl::Status StaffEmailMissing();

// FAILED_PRECONDITION/PHONE_NUMBER_MISSING: the patient gave none to send texts to.
absl::Status PhoneNumberMissing();
// FAILED_PRECONDITION/CHANNEL_NOT_CONFIGURED: nothing carries messages of that kind here.
absl::Status ChannelNotConfigured();

// UNAVAILABLE/MAIL_UNREACHABLE: nothing was handed over; `problem` is the mail library's own constant text.
absl::Status MailUnreachable(absl::string_view problem);
// UNAVAILABLE/MAIL_DEFERRED: the server said not now (4xx), or refused this service and not the letter.
absl::Status MailDeferred(int code);
// FAILED_PRECONDITION/MAIL_REFUSED: the server refused the letter for good (5xx).
absl::Status MailRefused(int code);
// UNKNOWN/MAIL_OUTCOME_UNKNOWN: the letter was on its way when the connection broke; it may have been taken.
absl::Status MailOutcomeUnknown();
// UNIMPLEMENTED/OUTCOME_UNKNOWN: the provider doesn't tell what it has taken.
absl::Status CannotBeAsked();
// INVALID_ARGUMENT/MAIL_SERVER_URL.
absl::Status MailServerUrl();
// INVALID_ARGUMENT/MAIL_SENDER.
absl::Status MailSender();
// INVALID_ARGUMENT/STAFF_EMAIL.
absl::Status StaffEmail();
// INVALID_ARGUMENT/TIME_ZONE.
absl::Status UnknownTimeZone();

// UNAVAILABLE/HTTP_UNREACHABLE: nothing was sent; `problem` is curl's own constant text.
absl::Status HttpUnreachable(absl::string_view problem);
// PERMISSION_DENIED/HTTP_ADDRESS_REFUSED: the host's address is one that requests may not go to.
absl::Status HttpAddressRefused();
// UNKNOWN/HTTP_NO_ANSWER: the request was on its way, and no whole answer came.
absl::Status HttpNoAnswer();

// INVALID_ARGUMENT/SMS_PROVIDER: `option` can't be what it is.
absl::Status SmsProvider(absl::string_view option);
// INVALID_ARGUMENT/SMS_PROVIDER: two of them have one name.
absl::Status SmsProviderTwice(absl::string_view name);
// INVALID_ARGUMENT/PUBLIC_URL.
absl::Status PublicUrl();
// UNAVAILABLE/SMS_UNREACHABLE: nothing was handed over, or nothing could be asked.
absl::Status SmsUnreachable(absl::string_view problem);
// UNAVAILABLE/SMS_DEFERRED: the provider said not now.
absl::Status SmsDeferred(int http_code);
// UNAVAILABLE/SMS_ACCOUNT: the provider refused this service and not the text; `code` is the provider's.
absl::Status SmsAccount(int code);
// FAILED_PRECONDITION/SMS_REFUSED: the provider refused the text for good.
absl::Status SmsRefused(int code);
// FAILED_PRECONDITION/OPTED_OUT: the patient told the provider to send nothing more.
absl::Status OptedOut();
// UNKNOWN/SMS_OUTCOME_UNKNOWN: the text may have been taken.
absl::Status SmsOutcomeUnknown();

// INVALID_ARGUMENT/WEBHOOK_URL.
absl::Status WebhookUrl();
// INVALID_ARGUMENT/WEBHOOK_SECRET: there is none, or a line isn't one.
absl::Status WebhookSecret();
// UNAVAILABLE/WEBHOOK_UNREACHABLE: nothing was sent.
absl::Status WebhookUnreachable(absl::string_view problem);
// UNAVAILABLE/WEBHOOK_DEFERRED: the answer was no 2xx.
absl::Status WebhookDeferred(int http_code);
// FAILED_PRECONDITION/WEBHOOK_GONE: 410, the receiver wants no more.
absl::Status WebhookGone();
// FAILED_PRECONDITION/WEBHOOK_ADDRESS_REFUSED: the host is in a private network, and it isn't allowed.
absl::Status WebhookAddressRefused();
// UNKNOWN/WEBHOOK_OUTCOME_UNKNOWN: the request may have been taken.
absl::Status WebhookOutcomeUnknown();

// INVALID_ARGUMENT/CARRIER_FLAG: `flag` is neither of two words.
absl::Status CarrierFlag(absl::string_view flag, absl::string_view first, absl::string_view second);
// INVALID_ARGUMENT/SECRET_FILE: the file of `flag` can't be read or is empty.
absl::Status SecretFile(absl::string_view flag);

// UNAUTHENTICATED/CALLBACK_NOT_SIGNED: no provider that is known here signed it.
absl::Status CallbackNotSigned();
// INVALID_ARGUMENT/CALLBACK_MALFORMED: it lacks what such a callback has.
absl::Status CallbackMalformed();

// NOT_FOUND/NEVER_TAKEN: the provider doesn't know the message.
absl::Status NeverTaken();
// RESOURCE_EXHAUSTED/PROVIDERS_RESTING: each provider is past its rate, or failed too often a moment ago.
absl::Status ProvidersResting();
// UNAVAILABLE/PROVIDERS_SLOW: not all of them could be asked in time what they have taken.
absl::Status ProvidersSlow();

// INVALID_ARGUMENT/PRACTICE_MISSING.
absl::Status PracticeMissing();
// FAILED_PRECONDITION/TEMPLATE_MISSING: `file` isn't there or isn't a template.
absl::Status TemplateMissing(absl::string_view file);
// FAILED_PRECONDITION/TEMPLATE_VARIABLE: `file` uses a variable, section or include that no message has.
absl::Status TemplateVariable(absl::string_view file, absl::string_view variable);
// FAILED_PRECONDITION/TEMPLATE_UNESCAPED: `file` is HTML and doesn't write `variable` as {{NAME:h}}.
absl::Status TemplateUnescaped(absl::string_view file, absl::string_view variable);
// FAILED_PRECONDITION/TEMPLATE_WORDING: `file` says something about an illness or a bill.
absl::Status TemplateWording(absl::string_view file, absl::string_view word);
// FAILED_PRECONDITION/TEMPLATE_WORDING: `file` doesn't name the practice.
absl::Status TemplateWithoutPractice(absl::string_view file);
// INTERNAL/RENDER_FAILED.
absl::Status RenderFailed();

}  // namespace lumbar::notification
