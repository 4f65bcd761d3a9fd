#include "tools/cli/commands/message_delivery.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "tools/cli/commands/change.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

// As many as one call may queue; each is a transaction of its own, so that progress is seen and kept.
constexpr int kReplayAtOnce = 500;

struct DeliveryFlags {
  std::string name;
  std::string reason;
  std::string request_id;
  bool all = false;
  Paging paging;
};

std::string KindOf(const notification::v1::Message& message) {
  return Label(notification::v1::MessageKind_Name(message.kind()), "MESSAGE_KIND_");
}
std::string StateOf(const notification::v1::Message& message) {
  return Label(notification::v1::MessageState_Name(message.state()), "MESSAGE_STATE_");
}
std::string ChannelOf(const notification::v1::Message& message) {
  return Label(notification::v1::Channel_Name(message.channel()), "CHANNEL_");
}

ExitCode Tell(const notification::v1::Message& message, const Session& session) {
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {{"message", message.name()},
                                                {"about", message.appointment()},
                                                {"kind", KindOf(message)},
                                                {"channel", ChannelOf(message)},
                                                {"due (UTC)", UtcTime(message.due_time())},
                                                {"state", StateOf(message)},
                                                {"tries", std::to_string(message.attempts())}};
  if (!message.reason().empty()) rows.push_back({"reason", message.reason()});
  if (message.has_sent_time()) rows.push_back({"sent (UTC)", UtcTime(message.sent_time())});
  session.world.out << Table(rows);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Show(const DeliveryFlags& flags, const Session& session) {
  notification::v1::Message message;
  LUMBAR_RETURN_IF_ERROR(Get(session, "/v1/" + flags.name, message));
  return Tell(message, session);
}

absl::StatusOr<ExitCode> Dead(const DeliveryFlags& flags, const Session& session) {
  notification::v1::ListDeadLettersResponse found;
  LUMBAR_RETURN_IF_ERROR(
      Get(session,
          Route("/v1/messages:deadLetters", {{"pageSize", flags.paging.SizeText()}, {"pageToken", flags.paging.token}}),
          found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {{"DUE (UTC)", "KIND", "CHANNEL", "TRIES", "REASON", "MESSAGE"}};
  for (const notification::v1::Message& message : found.messages()) {
    rows.push_back({UtcTime(message.due_time()), KindOf(message), ChannelOf(message),
                    std::to_string(message.attempts()), message.reason(), message.name()});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ReplayOne(const DeliveryFlags& flags, const Session& session) {
  notification::v1::ReplayDeadLetterRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  notification::v1::Message message;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/" + flags.name + ":replay", request, message));
  return Tell(message, session);
}

std::string ProgressText(int replayed, int dropped, int remaining) {
  const std::string stale = dropped == 0 ? "" : ", dropped as stale: " + std::to_string(dropped);
  return "queued again: " + std::to_string(replayed) + stale + ", remaining: " + std::to_string(remaining) + "\n";
}

// What is given up again at once was given up after the first call, and isn't taken up again: so it ends.
absl::StatusOr<ExitCode> ReplayAll(const DeliveryFlags& flags, const Session& session) {
  int replayed = 0, dropped = 0;
  notification::v1::ReplayDeadLettersResponse answer;
  do {
    notification::v1::ReplayDeadLettersRequest request;
    request.set_reason(flags.reason);
    request.set_limit(kReplayAtOnce);
    if (answer.has_given_up_by()) *request.mutable_given_up_by() = answer.given_up_by();
    answer.Clear();
    LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/messages:replayDeadLetters", request, answer));
    replayed += answer.replayed_count();
    dropped += answer.dropped_count();
    if (!session.flags.json) session.world.out << ProgressText(replayed, dropped, answer.remaining_count());
  } while (answer.remaining_count() > 0 && answer.replayed_count() + answer.dropped_count() > 0);
  return ExitCode::kOk;
}

}  // namespace

void AddMessageDelivery(CLI::App& message, Session& session) {
  const auto flags = std::make_shared<DeliveryFlags>();
  auto* show = message.add_subcommand("show", "Shows where a message stands");
  show->add_option("name", flags->name, "messages/<uuid>")->required()->check(NameIn("messages"));
  show->callback([flags, &session] { session.command = [flags, &session] { return Show(*flags, session); }; });

  auto* dead = message.add_subcommand("dead", "Lists messages that were given up, by due time");
  AddPaging(*dead, flags->paging);
  dead->callback([flags, &session] { session.command = [flags, &session] { return Dead(*flags, session); }; });

  auto* replay = message.add_subcommand("replay", "Queues again what was given up");
  auto* name = replay->add_option("name", flags->name, "messages/<uuid>")->check(NameIn("messages"));
  auto* all = replay->add_flag("--all", flags->all, "all that were given up, with progress")->excludes(name);
  replay->add_option("--reason", flags->reason, "of all only those given up for it")->needs(all);
  AddRequestId(*replay, flags->request_id);
  // All are replayed by as many calls as it takes.
  replay->get_option("--request-id")->excludes(all);
  replay->callback([flags, &session] {
    if (!flags->all && flags->name.empty()) throw CLI::RequiredError("name, or --all");
    session.command = [flags, &session] {
      return flags->all ? ReplayAll(*flags, session) : ReplayOne(*flags, session);
    };
  });
}

}  // namespace lumbar::cli
