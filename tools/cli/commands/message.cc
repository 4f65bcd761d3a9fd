#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/message_commands.h"
#include "tools/cli/commands/message_delivery.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

struct MessageFlags {
  std::string appointment;
  Paging paging;
};

absl::StatusOr<ExitCode> List(const MessageFlags& flags, const Session& session) {
  notification::v1::ListMessagesResponse found;
  LUMBAR_RETURN_IF_ERROR(Get(session,
                             Route("/v1/messages", {{"appointment", flags.appointment},
                                                    {"pageSize", flags.paging.SizeText()},
                                                    {"pageToken", flags.paging.token}}),
                             found));
  if (session.flags.json) return ExitCode::kOk;
  // Where all are about one thing there is no need to say which.
  const bool of_all = flags.appointment.empty();
  std::vector<std::vector<std::string>> rows = {
      {"DUE (UTC)", "KIND", "STATE", "TRIES", of_all ? "ABOUT" : "MESSAGE", "REASON"}};
  for (const auto& message : found.messages()) {
    rows.push_back(
        {UtcTime(message.due_time()), Label(notification::v1::MessageKind_Name(message.kind()), "MESSAGE_KIND_"),
         Label(notification::v1::MessageState_Name(message.state()), "MESSAGE_STATE_"),
         std::to_string(message.attempts()), of_all ? message.appointment() : message.name(), message.reason()});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

}  // namespace

void AddMessage(CLI::App& app, Session& session) {
  auto* message = app.add_subcommand("message", "Looks at messages to patients, clinicians and staff");
  message->require_subcommand(1);
  const auto flags = std::make_shared<MessageFlags>();
  auto* list = message->add_subcommand("list", "Lists messages by due time");
  list->add_option("--appointment", flags->appointment,
                   "only what is about it: the visit, or a waitlistEntries/..., conversations/... or consults/...")
      ->check(NameInAny({"appointments", "waitlistEntries", "conversations", "consults"}));
  AddPaging(*list, flags->paging);
  AddMessageDelivery(*message, session);
  list->callback([flags, &session] { session.command = [flags, &session] { return List(*flags, session); }; });
  AddMessagePreview(*message, session);
}

}  // namespace lumbar::cli
