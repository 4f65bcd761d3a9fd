#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>
#include <tuple>

#include "common/status/macros.h"
#include "lumbar/booking/v1/booking_service.pb.h"
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

constexpr char kRoute[] = "/v1/waitlistEntries";

struct WaitlistFlags {
  std::string file;
  std::string name;
  std::string request_id;
  Paging paging;
};

std::string StateOf(const booking::v1::WaitlistEntry& entry) {
  return Label(booking::v1::WaitlistState_Name(entry.state()), "WAITLIST_STATE_");
}

ExitCode Tell(const booking::v1::WaitlistEntry& entry, const Session& session) {
  if (session.flags.json) return ExitCode::kOk;
  session.world.out << Plain(entry.name()) << ": " << StateOf(entry) << "\n";
  if (entry.state() != booking::v1::WAITLIST_STATE_OFFERED) return ExitCode::kOk;
  session.world.out << "On offer until " << LocalTime(entry.offer().expire_time(), entry.offer().slot().time_zone())
                    << ":\n"
                    << SlotText(entry.offer().slot()) << "\n";
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Join(const WaitlistFlags& flags, const Session& session) {
  booking::v1::JoinWaitlistRequest request;
  LUMBAR_RETURN_IF_ERROR(ReadMessage(flags.file, session.world.in, request));
  if (!flags.request_id.empty()) request.set_request_id(flags.request_id);
  booking::v1::JoinWaitlistResponse joined;
  LUMBAR_RETURN_IF_ERROR(Change(session, kRoute, request, joined));
  return Tell(joined.entry(), session);
}

absl::StatusOr<ExitCode> Show(const WaitlistFlags& flags, const Session& session) {
  booking::v1::WaitlistEntry entry;
  LUMBAR_RETURN_IF_ERROR(Get(session, "/v1/" + flags.name, entry));
  return Tell(entry, session);
}

absl::StatusOr<ExitCode> List(const WaitlistFlags& flags, const Session& session) {
  booking::v1::ListWaitlistEntriesResponse found;
  LUMBAR_RETURN_IF_ERROR(
      Get(session, Route(kRoute, {{"pageSize", flags.paging.SizeText()}, {"pageToken", flags.paging.token}}), found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {{"SINCE (UTC)", "STATE", "VISIT", "UNTIL (UTC)", "NAME"}};
  for (const auto& entry : found.entries()) {
    rows.push_back(
        {UtcTime(entry.create_time()), StateOf(entry), entry.visit_type(), UtcTime(entry.latest_time()), entry.name()});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Accept(const WaitlistFlags& flags, const Session& session) {
  booking::v1::AcceptOfferRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  booking::v1::AcceptOfferResponse accepted;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/" + flags.name + ":accept", request, accepted));
  if (session.flags.json) return ExitCode::kOk;
  session.world.out << SlotText(accepted.hold().slot()) << "\nHeld until "
                    << LocalTime(accepted.hold().expire_time(), accepted.hold().slot().time_zone())
                    << "; it is booked once this is confirmed: " << Plain(accepted.hold().name()) << "\n";
  return ExitCode::kOk;
}

// `verb` of what is answered with the entry.
template <typename Request>
absl::StatusOr<ExitCode> Step(const char* verb, const WaitlistFlags& flags, const Session& session) {
  Request request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  booking::v1::WaitlistEntry entry;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/" + flags.name + ":" + verb, request, entry));
  return Tell(entry, session);
}

absl::StatusOr<ExitCode> Decline(const WaitlistFlags& flags, const Session& session) {
  return Step<booking::v1::DeclineOfferRequest>("decline", flags, session);
}

absl::StatusOr<ExitCode> Leave(const WaitlistFlags& flags, const Session& session) {
  return Step<booking::v1::LeaveWaitlistRequest>("leave", flags, session);
}

using Action = absl::StatusOr<ExitCode> (*)(const WaitlistFlags&, const Session&);

CLI::App* AddAction(CLI::App& waitlist, const char* name, const char* about, Action action,
                    const std::shared_ptr<WaitlistFlags>& flags, Session& session) {
  auto* command = waitlist.add_subcommand(name, about);
  command->callback(
      [action, flags, &session] { session.command = [action, flags, &session] { return action(*flags, session); }; });
  return command;
}

void AddName(CLI::App& command, WaitlistFlags& flags) {
  command.add_option("NAME", flags.name, "of the place on the waitlist")->required()->check(NameIn("waitlistEntries"));
}

}  // namespace

void AddWaitlist(CLI::App& app, Session& session) {
  auto* waitlist = app.add_subcommand("waitlist", "Waits for a time to come free");
  waitlist->require_subcommand(1);
  const auto flags = std::make_shared<WaitlistFlags>();
  auto* join = AddAction(*waitlist, "join", "Begins to wait; ends with 4 at an emergency", &Join, flags, session);
  join->add_option("FILE", flags->file, "lumbar.booking.v1.JoinWaitlistRequest as JSON; -: standard input")->required();
  AddRequestId(*join, flags->request_id);
  auto* list = AddAction(*waitlist, "list", "Lists places on the waitlist", &List, flags, session);
  AddPaging(*list, flags->paging);
  AddName(*AddAction(*waitlist, "show", "Shows a place, and the time on offer", &Show, flags, session), *flags);
  for (const auto& [name, about, action] :
       {std::tuple{"accept", "Takes the time on offer; confirm its hold then", &Accept},
        std::tuple{"decline", "Lets the time on offer pass, and waits on", &Decline},
        std::tuple{"leave", "Waits no longer", &Leave}}) {
    auto* command = AddAction(*waitlist, name, about, action, flags, session);
    AddName(*command, *flags);
    AddRequestId(*command, flags->request_id);
  }
}

}  // namespace lumbar::cli
