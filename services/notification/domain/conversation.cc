#include "services/notification/domain/conversation.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

v1::ConversationUrgency UrgencyOf(const ArrivedText& text, const Scanned& scanned) {
  if (scanned && scanned->emergency) return v1::CONVERSATION_URGENCY_EMERGENCY;
  const bool read_whole = scanned && !text.scanned_in_part && !text.repaired;
  return read_whole ? v1::CONVERSATION_URGENCY_ROUTINE : v1::CONVERSATION_URGENCY_UNSCANNED;
}

absl::string_view KindOf(v1::ConversationUrgency urgency) {
  switch (urgency) {
    case v1::CONVERSATION_URGENCY_EMERGENCY:
      return "emergency";
    case v1::CONVERSATION_URGENCY_UNSCANNED:
      return "unscanned";
    default:
      return "routine";
  }
}

// The text as the next of `conversation`, which it counts.
v1::ConversationText Keep(const ArrivedText& text, absl::Time now, v1::Conversation& conversation) {
  conversation.set_text_count(conversation.text_count() + 1);
  *conversation.mutable_last_text_time() = ToProtoTime(now);
  v1::ConversationText kept;
  kept.set_position(conversation.text_count());
  kept.set_direction(v1::TEXT_DIRECTION_INBOUND);
  *kept.mutable_create_time() = ToProtoTime(now);
  kept.set_text(text.text);
  kept.set_cut(text.cut);
  kept.set_repaired(text.repaired);
  kept.set_attachment_count(text.attachments);
  return kept;
}

// Nothing if the text is none of the words that the program itself acts on, for a number in this standing.
std::optional<TextOutcome> ActOnKeyword(const KeywordFound& found, bool opted_out) {
  TextOutcome outcome;
  outcome.reply_language = std::string(found.language);
  switch (found.keyword) {
    case TextKeyword::kStop:
      outcome.kind = "stop";
      outcome.opted_out = true;
      // The law allows one confirmation.
      if (!opted_out) outcome.reply = TextReply::kStopped;
      return outcome;
    case TextKeyword::kYes:
      if (!opted_out) return std::nullopt;
      [[fallthrough]];
    case TextKeyword::kStart:
      outcome.kind = "start";
      outcome.opted_out = false;
      outcome.reply = TextReply::kStarted;
      return outcome;
    case TextKeyword::kHelp:
      outcome.kind = "help";
      outcome.reply = TextReply::kHelp;
      return outcome;
    case TextKeyword::kCancel:
      // Who wants no texts can only mean the visit: a person has to see it.
      if (opted_out) return std::nullopt;
      outcome.kind = "cancel";
      outcome.reply = TextReply::kCancel;
      return outcome;
    case TextKeyword::kNone:
      return std::nullopt;
  }
  return std::nullopt;
}

// It is the patient's turn no more. Who writes again after staff was told that they wait is waited for anew, so that
// staff is told again.
void AwaitAnswer(v1::Conversation& conversation, const TextTerms& terms) {
  const bool waits = conversation.state() == v1::CONVERSATION_STATE_WAITING;
  if (waits && !conversation.escalated()) return;
  if (!waits) *conversation.mutable_waiting_since() = ToProtoTime(terms.now);
  conversation.set_state(v1::CONVERSATION_STATE_WAITING);
  *conversation.mutable_answer_due_time() = ToProtoTime(terms.now + terms.answer_within);
  conversation.set_escalated(false);
}

void StopWaiting(v1::Conversation& conversation, v1::ConversationState state) {
  conversation.set_state(state);
  conversation.clear_waiting_since();
  conversation.clear_answer_due_time();
  conversation.clear_last_alert_time();
}

// Whether staff doesn't know of an emergency that is told now.
bool IsNews(const v1::Conversation& conversation, absl::Time now) {
  return !conversation.has_last_alert_time() || now - FromProto(conversation.last_alert_time()) >= kAlertAgain;
}

std::optional<TextReply> ReplyTo(const ArrivedText& text, v1::ConversationUrgency urgency, bool full, bool begins,
                                 const NumberStanding& standing) {
  if (urgency == v1::CONVERSATION_URGENCY_EMERGENCY) return TextReply::kEmergency;
  if (full) return TextReply::kFull;
  // Who may be in danger is told what to do then, also if they want no texts.
  if (urgency == v1::CONVERSATION_URGENCY_UNSCANNED && !text.cut) return TextReply::kReceived;
  if (urgency != v1::CONVERSATION_URGENCY_UNSCANNED && standing.opted_out) return std::nullopt;
  if (text.attachments > 0) return TextReply::kPicture;
  if (text.cut) return TextReply::kTooLong;
  if (!begins) return std::nullopt;
  return standing.patient.empty() ? TextReply::kUnknown : TextReply::kReceived;
}

TextOutcome Converse(const ArrivedText& text, const Scanned& scanned, const NumberStanding& standing,
                     const TextTerms& terms) {
  TextOutcome outcome;
  const v1::ConversationUrgency urgency = UrgencyOf(text, scanned);
  v1::Conversation conversation = standing.conversation.value_or(v1::Conversation());
  const bool begins = !standing.conversation || conversation.state() == v1::CONVERSATION_STATE_CLOSED;
  const bool full = conversation.text_count() >= kMostTexts;

  outcome.kind = KindOf(urgency);
  outcome.alert = urgency == v1::CONVERSATION_URGENCY_EMERGENCY && IsNews(conversation, terms.now);
  outcome.reply = ReplyTo(text, urgency, full, begins, standing);
  outcome.reply_language = scanned && !scanned->language.empty() ? scanned->language : standing.language_code;

  conversation.set_number(text.number);
  conversation.set_answerable(text.answerable);
  if (begins) conversation.set_patient(standing.patient);
  conversation.set_urgency(begins ? urgency : std::max(conversation.urgency(), urgency));
  AwaitAnswer(conversation, terms);
  if (outcome.alert) *conversation.mutable_last_alert_time() = ToProtoTime(terms.now);
  if (!full) {
    outcome.text = Keep(text, terms.now, conversation);
    outcome.text->set_urgency(urgency);
  }
  outcome.conversation = std::move(conversation);
  return outcome;
}

void BoundAnswers(const ArrivedText& text, const NumberStanding& standing, TextOutcome& outcome) {
  if (!text.answerable || standing.answered > kMostAutomaticAnswers) outcome.reply = std::nullopt;
  if (outcome.reply && standing.answered == kMostAutomaticAnswers) outcome.reply = TextReply::kTooMany;
}

absl::Status CheckOpen(const v1::Conversation& conversation) {
  return conversation.state() == v1::CONVERSATION_STATE_CLOSED ? ConversationClosed() : absl::OkStatus();
}

}  // namespace

TextOutcome Decide(const ArrivedText& text, const Scanned& scanned, const NumberStanding& standing,
                   const TextTerms& terms) {
  std::optional<TextOutcome> by_keyword = ActOnKeyword(text.keyword, standing.opted_out);
  TextOutcome outcome = by_keyword ? *std::move(by_keyword) : Converse(text, scanned, standing, terms);
  const std::optional<v1::Conversation>& before = standing.conversation;
  // Whoever reads the conversation sees what came in between.
  if (!outcome.conversation && before && before->state() != v1::CONVERSATION_STATE_CLOSED &&
      before->text_count() < kMostTexts) {
    outcome.conversation = before;
    outcome.text = Keep(text, terms.now, *outcome.conversation);
  }
  BoundAnswers(text, standing, outcome);
  return outcome;
}

absl::Status AssignTo(v1::Conversation& conversation, const std::string& assignee) {
  LUMBAR_RETURN_IF_ERROR(CheckOpen(conversation));
  conversation.set_assignee(assignee);
  return absl::OkStatus();
}

absl::Status MarkAnswered(v1::Conversation& conversation) {
  LUMBAR_RETURN_IF_ERROR(CheckOpen(conversation));
  if (!conversation.answerable()) return NumberNotAnswerable();
  if (conversation.text_count() >= kMostTexts) return ConversationFull();
  conversation.set_text_count(conversation.text_count() + 1);
  StopWaiting(conversation, v1::CONVERSATION_STATE_ANSWERED);
  return absl::OkStatus();
}

absl::Status MarkClosed(v1::Conversation& conversation) {
  LUMBAR_RETURN_IF_ERROR(CheckOpen(conversation));
  StopWaiting(conversation, v1::CONVERSATION_STATE_CLOSED);
  return absl::OkStatus();
}

void AwaitAnswerAgain(v1::Conversation& conversation, absl::Time now) {
  AwaitAnswer(conversation, {now, absl::ZeroDuration()});
}

}  // namespace lumbar::notification
