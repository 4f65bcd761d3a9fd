#include "services/notification/domain/text_desk.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "services/notification/domain/reasons.h"

namespace lumbar::notification {

absl::StatusOr<std::string> TextDesk::Receive(const InboundText& text) {
  // The provider's name for a text is the only thing that tells a repeat; what else it says may differ.
  const store::Mutation mutation{absl::StrCat("providers/", text.provider), "ReceiveText", text.provider_reference, ""};
  LUMBAR_ASSIGN_OR_RETURN(v1::ReceiveTextResponse response, Take(mutation, text));
  return std::move(*response.mutable_answer());
}

absl::StatusOr<v1::ReceiveTextResponse> TextDesk::ReceiveText(const rpc::CallContext& context,
                                                              const v1::ReceiveTextRequest& request) {
  InboundText text;
  text.from = request.from_number();
  text.text = request.text();
  return Take(context.mutation(), text);
}

Scanned TextDesk::Scan(const ArrivedText& text) const {
  const absl::StatusOr<TextFindings> found = ports_.scanner.Scan(text.scanned);
  if (found.ok()) return *found;
  Log(LogLevel::kWarning, "text_not_scanned", {{"reason", ReasonFor(found.status())}});
  return std::nullopt;
}

absl::StatusOr<v1::ReceiveTextResponse> TextDesk::Take(const store::Mutation& mutation, const InboundText& inbound) {
  const ArrivedText text = Arrive(inbound);
  const TextKeyword keyword = text.keyword.keyword;
  const bool acted_on =
      keyword == TextKeyword::kStop || keyword == TextKeyword::kStart || keyword == TextKeyword::kHelp;
  const Scanned scanned = acted_on ? Scanned() : Scan(text);
  const TextTerms terms{ports_.clock.Now(), ports_.answer_within};
  const auto decide = [&](const NumberStanding& standing) -> absl::StatusOr<Taken> {
    Taken taken{Decide(text, scanned, standing, terms), ""};
    taken.outcome.alert = taken.outcome.alert && ports_.alerts;
    LUMBAR_ASSIGN_OR_RETURN(taken.answer, AnswerOf(taken.outcome));
    return taken;
  };
  LUMBAR_ASSIGN_OR_RETURN(Received received, ports_.conversations.Receive(mutation, text.number, decide));
  if (received.outcome) {
    ports_.observer.Received(received.outcome->kind, text.answerable);
    if (received.outcome->alert) ports_.on_message();
  }
  return std::move(received.response);
}

absl::StatusOr<std::string> TextDesk::AnswerOf(const TextOutcome& outcome) const {
  if (!outcome.reply) return std::string();
  if (!outcome.reply_language.empty()) return ports_.templates.RenderReply(*outcome.reply, outcome.reply_language);
  // Who it is from isn't known, and everybody must understand it.
  LUMBAR_ASSIGN_OR_RETURN(const std::string english, ports_.templates.RenderReply(*outcome.reply, "en"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string spanish, ports_.templates.RenderReply(*outcome.reply, "es"));
  return absl::StrCat(english, "\n", spanish);
}

}  // namespace lumbar::notification
