// What patients text, and what they are answered.
#include <CLI/CLI.hpp>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/notification/v1/conversation_calls.pb.h"
#include "tools/cli/commands/change.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

struct ConversationFlags {
  std::string name;
  std::string state;
  std::string urgency;
  std::string assignee;
  std::string text;
  std::string etag;
  std::string request_id;
  Paging paging;
};

std::string StateOf(const notification::v1::Conversation& conversation) {
  return Label(notification::v1::ConversationState_Name(conversation.state()), "CONVERSATION_STATE_");
}

std::string UrgencyOf(notification::v1::ConversationUrgency urgency) {
  return Label(notification::v1::ConversationUrgency_Name(urgency), "CONVERSATION_URGENCY_");
}

// The enum's value as the route wants it: "waiting" is CONVERSATION_STATE_WAITING.
std::string ValueOf(const std::string& label, const std::string& prefix) {
  return label.empty() ? "" : absl::StrCat(prefix, absl::AsciiStrToUpper(label));
}

ExitCode Tell(const notification::v1::Conversation& conversation, const Session& session) {
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {{"conversation", conversation.name()},
                                                {"number", Plain(conversation.number())},
                                                {"state", StateOf(conversation)},
                                                {"urgency", UrgencyOf(conversation.urgency())},
                                                {"etag", conversation.etag()}};
  rows.push_back({"patient", conversation.patient().empty() ? "not known" : conversation.patient()});
  if (!conversation.assignee().empty()) rows.push_back({"assignee", conversation.assignee()});
  if (conversation.has_waiting_since()) rows.push_back({"waits since (UTC)", UtcTime(conversation.waiting_since())});
  if (conversation.escalated()) rows.push_back({"escalated", "staff was told that it waits"});
  session.world.out << Table(rows);
  return ExitCode::kOk;
}

std::string TextOf(const notification::v1::ConversationText& text) {
  const bool ours = text.direction() == notification::v1::TEXT_DIRECTION_OUTBOUND;
  std::string first = absl::StrCat(UtcTime(text.create_time()), ours ? " " + text.author() : std::string(" patient"));
  if (ours) {
    absl::StrAppend(&first, ", ", Label(notification::v1::MessageState_Name(text.delivery()), "MESSAGE_STATE_"));
  }
  if (text.urgency() > notification::v1::CONVERSATION_URGENCY_ROUTINE) {
    absl::StrAppend(&first, ", ", UrgencyOf(text.urgency()));
  }
  if (text.cut()) first += ", cut";
  if (text.repaired()) first += ", repaired";
  if (text.attachment_count() > 0) absl::StrAppend(&first, ", attachments: ", text.attachment_count());
  std::string shown = absl::StrCat("\n", Plain(first), "\n", Wrapped(Plain(text.text()), "  "));
  if (!text.automatic_answer().empty()) shown += Wrapped(Plain(text.automatic_answer()), "  answered at once: ");
  return shown;
}

absl::StatusOr<ExitCode> List(const ConversationFlags& flags, const Session& session) {
  notification::v1::ListConversationsResponse found;
  LUMBAR_RETURN_IF_ERROR(Get(session,
                             Route("/v1/conversations", {{"state", ValueOf(flags.state, "CONVERSATION_STATE_")},
                                                         {"urgency", ValueOf(flags.urgency, "CONVERSATION_URGENCY_")},
                                                         {"assignee", flags.assignee},
                                                         {"pageSize", flags.paging.SizeText()},
                                                         {"pageToken", flags.paging.token}}),
                             found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {
      {"STATE", "URGENCY", "WAITS SINCE (UTC)", "TEXTS", "ASSIGNEE", "CONVERSATION"}};
  for (const notification::v1::Conversation& one : found.entries()) {
    rows.push_back({StateOf(one), UrgencyOf(one.urgency()),
                    one.has_waiting_since() ? UtcTime(one.waiting_since()) : "-", std::to_string(one.text_count()),
                    one.assignee().empty() ? "-" : one.assignee(), one.name()});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Show(const ConversationFlags& flags, const Session& session) {
  notification::v1::GetConversationResponse found;
  LUMBAR_RETURN_IF_ERROR(Get(
      session, Route("/v1/" + flags.name, {{"pageSize", flags.paging.SizeText()}, {"pageToken", flags.paging.token}}),
      found));
  if (session.flags.json) return ExitCode::kOk;
  Tell(found.conversation(), session);
  for (const notification::v1::ConversationText& text : found.texts()) session.world.out << TextOf(text);
  session.world.out << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Assign(const ConversationFlags& flags, const Session& session) {
  notification::v1::AssignConversationRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  request.set_assignee(flags.assignee);
  request.set_etag(flags.etag);
  notification::v1::Conversation conversation;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/" + flags.name + ":assign", request, conversation));
  return Tell(conversation, session);
}

absl::StatusOr<ExitCode> Close(const ConversationFlags& flags, const Session& session) {
  notification::v1::CloseConversationRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  request.set_etag(flags.etag);
  notification::v1::Conversation conversation;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/" + flags.name + ":close", request, conversation));
  return Tell(conversation, session);
}

absl::StatusOr<ExitCode> Reply(const ConversationFlags& flags, const Session& session) {
  notification::v1::ReplyToConversationRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  request.set_text(flags.text);
  request.set_etag(flags.etag);
  notification::v1::Message message;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/" + flags.name + ":reply", request, message));
  if (!session.flags.json) session.world.out << "queued: " << message.name() << "\n";
  return ExitCode::kOk;
}

using ConversationAction = absl::StatusOr<ExitCode> (*)(const ConversationFlags&, const Session&);

CLI::App* AddAction(CLI::App& conversation, const char* name, const char* about, ConversationAction action,
                    const std::shared_ptr<ConversationFlags>& flags, Session& session) {
  auto* command = conversation.add_subcommand(name, about);
  command->callback(
      [action, flags, &session] { session.command = [action, flags, &session] { return action(*flags, session); }; });
  return command;
}

void AddName(CLI::App& command, ConversationFlags& flags) {
  command.add_option("name", flags.name, "conversations/<uuid>")->required()->check(NameIn("conversations"));
}

CLI::App* AddChange(CLI::App& conversation, const char* name, const char* about, ConversationAction action,
                    const std::shared_ptr<ConversationFlags>& flags, Session& session) {
  auto* command = AddAction(conversation, name, about, action, flags, session);
  AddName(*command, *flags);
  command->add_option("--etag", flags->etag, "as it was shown: refused if it changed since");
  AddRequestId(*command, flags->request_id);
  return command;
}

}  // namespace

void AddConversation(CLI::App& app, Session& session) {
  auto* conversation = app.add_subcommand("conversation", "Reads and answers what patients text");
  conversation->require_subcommand(1);
  const auto flags = std::make_shared<ConversationFlags>();
  auto* list = AddAction(*conversation, "list", "Lists conversations, emergencies and the longest waiting first", &List,
                         flags, session);
  list->add_option("--state", flags->state, "only those in it")
      ->check(CLI::IsMember({"waiting", "answered", "closed"}));
  list->add_option("--urgency", flags->urgency, "only those of it")
      ->check(CLI::IsMember({"emergency", "unscanned", "routine"}));
  list->add_option("--assignee", flags->assignee, "only those that staff/... or clinicians/... looks after");
  AddPaging(*list, flags->paging);
  auto* show = AddAction(*conversation, "show", "Shows a conversation, the newest texts first", &Show, flags, session);
  AddName(*show, *flags);
  AddPaging(*show, flags->paging);
  auto* assign = AddChange(*conversation, "assign", "Says who looks after it", &Assign, flags, session);
  assign->add_option("--to", flags->assignee, "staff/... or clinicians/...; left out: nobody");
  auto* reply = AddChange(*conversation, "reply", "Answers the patient by text", &Reply, flags, session);
  reply->add_option("--text", flags->text, "the answer, at most 1,600 characters")->required();
  AddChange(*conversation, "close", "Says that nothing is left to answer", &Close, flags, session);
}

}  // namespace lumbar::cli
