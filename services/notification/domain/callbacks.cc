#include "services/notification/domain/callbacks.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <re2/re2.h>

#include <optional>

#include "common/status/macros.h"
#include "services/notification/domain/twilio_signature.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

constexpr char kXml[] = R"(<?xml version="1.0" encoding="UTF-8"?>)";

// The state that a provider's word stands for; unspecified if the word says nothing of it.
v1::MessageState StateOf(absl::string_view status) {
  if (status == "delivered" || status == "read") return v1::MESSAGE_STATE_DELIVERED;
  if (status == "undelivered" || status == "failed") return v1::MESSAGE_STATE_UNDELIVERED;
  for (const char* taken : {"accepted", "scheduled", "queued", "sending", "sent"}) {
    if (status == taken) return v1::MESSAGE_STATE_SENT;
  }
  return v1::MESSAGE_STATE_UNSPECIFIED;
}

// The provider's error code, if it is one.
std::string ReasonOfUndelivered(absl::string_view code) {
  int number = 0;
  return absl::SimpleAtoi(code, &number) && number > 0 ? absl::StrCat("SMS_", number) : "SMS_UNDELIVERED";
}

// A TwiML document that answers a text, or doesn't.
std::string Reply(absl::string_view text) {
  if (text.empty()) return absl::StrCat(kXml, "<Response/>");
  const std::string escaped = absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
  return absl::StrCat(kXml, "<Response><Message>", escaped, "</Message></Response>");
}

v1::ReceiveCallbackResponse Answer(std::string xml) {
  v1::ReceiveCallbackResponse response;
  response.mutable_answer()->set_content_type("text/xml; charset=utf-8");
  *response.mutable_answer()->mutable_data() = std::move(xml);
  return response;
}

bool IsReference(absl::string_view text) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), "[A-Za-z0-9]{3,64}");
}

}  // namespace

absl::StatusOr<v1::ReceiveCallbackResponse> Callbacks::ReceiveCallback(const rpc::CallContext&,
                                                                       const v1::ReceiveCallbackRequest& request) {
  const auto token = ports_.tokens.find(request.provider());
  const std::optional<Form> form = DecodeForm(request.body().data());
  if (token == ports_.tokens.end() || !form) return CallbackNotSigned();
  const std::string url = absl::StrCat(ports_.public_url, request.target());
  if (!IsSignedByTwilio(token->second, url, *form, request.signature())) return CallbackNotSigned();
  const std::string path = request.target().substr(0, request.target().find('?'));
  return absl::EndsWith(path, ":text") ? TakeText(request, *form) : TakeStatus(request, *form);
}

absl::StatusOr<v1::ReceiveCallbackResponse> Callbacks::TakeStatus(const v1::ReceiveCallbackRequest& request,
                                                                  const Form& form) {
  const size_t query = request.target().find('?');
  const std::optional<Form> parameters = DecodeForm(
      query == std::string::npos ? absl::string_view() : absl::string_view(request.target()).substr(query + 1));
  const absl::string_view message = parameters ? FieldOf(*parameters, "message") : absl::string_view();
  const absl::string_view reference = FieldOf(form, "MessageSid");
  if (message.empty() || !IsReference(reference)) return CallbackMalformed();
  const absl::string_view word = FieldOf(form, "MessageStatus");
  ProviderStatus status{absl::StrCat("messages/", message), request.provider(), std::string(reference), StateOf(word)};
  // A word that is new to us is no reason to be told again.
  if (status.state == v1::MESSAGE_STATE_UNSPECIFIED) return Answer(Reply(""));
  if (status.state == v1::MESSAGE_STATE_UNDELIVERED) status.reason = ReasonOfUndelivered(FieldOf(form, "ErrorCode"));
  LUMBAR_ASSIGN_OR_RETURN(const bool changed, ports_.messages.RecordStatus(status));
  if (changed) ports_.observer.Told(status.state);
  return Answer(Reply(""));
}

absl::StatusOr<v1::ReceiveCallbackResponse> Callbacks::TakeText(const v1::ReceiveCallbackRequest& request,
                                                                const Form& form) {
  InboundText text;
  text.from = std::string(FieldOf(form, "From"));
  text.to = std::string(FieldOf(form, "To"));
  text.text = std::string(FieldOf(form, "Body"));
  if (!absl::SimpleAtoi(FieldOf(form, "NumMedia"), &text.attachments)) text.attachments = 0;
  text.provider = request.provider();
  text.provider_reference = std::string(FieldOf(form, "MessageSid"));
  if (text.from.empty() || !IsReference(text.provider_reference)) return CallbackMalformed();
  LUMBAR_ASSIGN_OR_RETURN(const std::string reply, ports_.texts.Receive(text));
  return Answer(Reply(reply));
}

}  // namespace lumbar::notification
