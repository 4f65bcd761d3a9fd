#include <CLI/CLI.hpp>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>

#include <memory>
#include <ostream>
#include <utility>

#include "common/status/macros.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "tools/cli/commands/access.h"
#include "tools/cli/commands/change.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/consult_text.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/errors.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

struct ConsultFlags {
  std::string file;
  std::string name;
  std::string request_id;
  std::string clinician;
  std::string start;
  std::string reason;
  std::vector<std::string> states;
  std::string view;
  std::string order;
  Paging paging;
  BreakGlassFlags break_glass;
};

ExitCode Tell(const consult::v1::Consult& consult, const Session& session) {
  if (!session.flags.json) session.world.out << ConsultText(consult);
  return IsEmergency(consult) ? ExitCode::kEmergency : ExitCode::kOk;
}

template <typename Request>
absl::StatusOr<ExitCode> ChangeConsult(const Session& session, const std::string& route, Request request) {
  consult::v1::Consult consult;
  LUMBAR_RETURN_IF_ERROR(Change(session, route, request, consult));
  return Tell(consult, session);
}

absl::StatusOr<ExitCode> Request(const ConsultFlags& flags, const Session& session) {
  consult::v1::RequestConsultRequest request;
  LUMBAR_RETURN_IF_ERROR(ReadMessage(flags.file, session.world.in, request));
  if (!flags.request_id.empty()) request.set_request_id(flags.request_id);
  return ChangeConsult(session, "/v1/consults", std::move(request));
}

absl::StatusOr<ExitCode> Show(const ConsultFlags& flags, const Session& session) {
  LUMBAR_RETURN_IF_ERROR(BreakGlass(session, flags.name, flags.break_glass));
  consult::v1::Consult consult;
  LUMBAR_RETURN_IF_ERROR(Get(session, "/v1/" + flags.name, consult));
  return Tell(consult, session);
}

absl::StatusOr<ExitCode> Choose(const ConsultFlags& flags, const Session& session) {
  consult::v1::ChooseSlotRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  request.set_clinician(flags.clinician);
  *request.mutable_start_time() = InstantOf(flags.start);
  return ChangeConsult(session, "/v1/" + flags.name + ":chooseSlot", std::move(request));
}

absl::StatusOr<ExitCode> Cancel(const ConsultFlags& flags, const Session& session) {
  consult::v1::CancelConsultRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  return ChangeConsult(session, "/v1/" + flags.name + ":cancel", std::move(request));
}

absl::StatusOr<ExitCode> Accept(const ConsultFlags& flags, const Session& session) {
  consult::v1::AcceptConsultRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  return ChangeConsult(session, "/v1/" + flags.name + ":accept", std::move(request));
}

absl::StatusOr<ExitCode> Decline(const ConsultFlags& flags, const Session& session) {
  consult::v1::DeclineConsultRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  request.set_reason(flags.reason);
  return ChangeConsult(session, "/v1/" + flags.name + ":decline", std::move(request));
}

// Nothing becomes of it any more.
bool IsOver(const consult::v1::Consult& consult) {
  return IsEmergency(consult) || consult.state() == consult::v1::CONSULT_STATE_CANCELLED ||
         consult.state() == consult::v1::CONSULT_STATE_COMPLETED ||
         consult.state() == consult::v1::CONSULT_STATE_NO_SHOW || consult.state() == consult::v1::CONSULT_STATE_EXPIRED;
}

// "CONSULT_VIEW_STAFF_QUEUE" of "staff_queue".
std::string EnumName(const char* prefix, const std::string& label) {
  return label.empty() ? "" : absl::StrCat(prefix, absl::AsciiStrToUpper(label));
}

std::vector<std::string> RowOf(const consult::v1::Consult& one) {
  const auto& assessment = one.assessment();
  const auto time = [](bool known, const auto& when) { return known ? UtcTime(when) : std::string("-"); };
  return {Label(consult::v1::ConsultState_Name(one.state()), "CONSULT_STATE_"),
          one.has_assessment() ? Label(triage::v1::Level_Name(assessment.level()), "LEVEL_") : "unknown",
          UtcTime(one.create_time()),
          time(assessment.has_act_by_time(), assessment.act_by_time()),
          time(one.has_respond_by_time(), one.respond_by_time()),
          one.handler().empty() ? "-" : one.handler(),
          one.name()};
}

using Query = std::vector<std::pair<std::string, std::string>>;

// Which consults a list has.
Query FiltersOf(const ConsultFlags& flags) {
  Query query;
  for (const std::string& state : flags.states) query.emplace_back("states", EnumName("CONSULT_STATE_", state));
  query.emplace_back("view", EnumName("CONSULT_VIEW_", flags.view));
  query.emplace_back("clinician", flags.clinician);
  return query;
}

absl::StatusOr<ExitCode> List(const ConsultFlags& flags, const Session& session) {
  consult::v1::ListConsultsResponse found;
  Query query = FiltersOf(flags);
  query.emplace_back("order", EnumName("CONSULT_ORDER_", flags.order));
  query.emplace_back("pageSize", flags.paging.SizeText());
  query.emplace_back("pageToken", flags.paging.token);
  LUMBAR_RETURN_IF_ERROR(Get(session, Route("/v1/consults", query), found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {
      {"STATE", "LEVEL", "ASKED (UTC)", "ACT BY (UTC)", "ANSWER BY (UTC)", "HANDLER", "CONSULT"}};
  for (const consult::v1::Consult& one : found.consults()) rows.push_back(RowOf(one));
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

// The most urgent of what a stream of the same flags tells of.
absl::StatusOr<ExitCode> ListAll(ConsultFlags flags, const Session& session) {
  flags.order = "urgency";
  flags.paging.size = 200;
  return List(flags, session);
}

absl::StatusOr<ExitCode> WatchOne(const ConsultFlags& flags, const Session& session) {
  consult::v1::WatchConsultResponse response;
  ExitCode code = ExitCode::kOk;
  const auto tell = [&] {
    if (!response.has_consult()) return true;
    code = Tell(response.consult(), session);
    session.world.out << std::flush;
    return !IsOver(response.consult());
  };
  LUMBAR_RETURN_IF_ERROR(Follow(session, "/v1/" + flags.name + ":watch", response, tell));
  return code;
}

// The list as it is when the stream has begun, and then a line for each change of it.
absl::StatusOr<ExitCode> WatchList(const ConsultFlags& flags, const Session& session) {
  consult::v1::WatchConsultsResponse response;
  absl::StatusOr<ExitCode> listed = ExitCode::kOk;
  bool has_begun = false;
  const auto tell = [&] {
    if (session.flags.json) return true;
    if (!std::exchange(has_begun, true)) listed = ListAll(flags, session);
    if (response.has_consult()) session.world.out << absl::StrJoin(RowOf(response.consult()), "  ") << "\n";
    if (!response.removed().empty()) session.world.out << "removed  " << Plain(response.removed()) << "\n";
    session.world.out << std::flush;
    return listed.ok();
  };
  LUMBAR_RETURN_IF_ERROR(Follow(session, Route("/v1/consults:watch", FiltersOf(flags)), response, tell));
  return listed;
}

absl::StatusOr<ExitCode> Watch(const ConsultFlags& flags, const Session& session) {
  if (flags.name.empty() == flags.view.empty()) return WrongInput("watch takes a consult's NAME or a --view");
  return flags.view.empty() ? WatchOne(flags, session) : WatchList(flags, session);
}

using Action = absl::StatusOr<ExitCode> (*)(const ConsultFlags&, const Session&);

CLI::App* AddAction(CLI::App& consult, const char* name, const char* about, Action action,
                    const std::shared_ptr<ConsultFlags>& flags, Session& session) {
  auto* command = consult.add_subcommand(name, about);
  command->callback(
      [action, flags, &session] { session.command = [action, flags, &session] { return action(*flags, session); }; });
  return command;
}

// As flags want the values of an enum, whose first is none.
std::vector<std::string> Labels(const google::protobuf::EnumDescriptor& described, const char* prefix) {
  std::vector<std::string> labels;
  for (int i = 1; i < described.value_count(); ++i) {
    labels.push_back(absl::StrReplaceAll(Label(described.value(i)->name(), prefix), {{" ", "_"}}));
  }
  return labels;
}

void AddName(CLI::App& command, ConsultFlags& flags) {
  command.add_option("NAME", flags.name, "of the consult")->required()->check(NameIn("consults"));
}

void AddFilters(CLI::App& list, ConsultFlags& flags) {
  list.add_option("--state", flags.states, "only those in it, e.g. escalated, offered or booked; may be repeated")
      ->check(CLI::IsMember(Labels(*consult::v1::ConsultState_descriptor(), "CONSULT_STATE_")));
  list.add_option("--view", flags.view, "worklist: what you, or --clinician, look after; staff_queue: what waits")
      ->check(CLI::IsMember(Labels(*consult::v1::ConsultView_descriptor(), "CONSULT_VIEW_")));
  list.add_option("--clinician", flags.clinician, "whose worklist; for staff")->check(NameIn("clinicians"));
}

void AddListFlags(CLI::App& list, ConsultFlags& flags) {
  AddFilters(list, flags);
  list.add_option("--order", flags.order, "newest or urgency first")
      ->check(CLI::IsMember(Labels(*consult::v1::ConsultOrder_descriptor(), "CONSULT_ORDER_")));
  AddPaging(list, flags.paging);
}

}  // namespace

void AddConsult(CLI::App& app, Session& session) {
  auto* consult = app.add_subcommand("consult", "Takes a person from a sore back to a booked visit");
  consult->require_subcommand(1);
  const auto flags = std::make_shared<ConsultFlags>();
  auto* request =
      AddAction(*consult, "request", "Asks for a visit; ends with 4 at an emergency", &Request, flags, session);
  request->add_option("FILE", flags->file, "lumbar.consult.v1.RequestConsultRequest as JSON; -: standard input")
      ->required();
  AddRequestId(*request, flags->request_id);
  auto* show = AddAction(*consult, "show", "Shows where a consult stands", &Show, flags, session);
  AddName(*show, *flags);
  auto* reason = show->add_option("--break-glass", flags->break_glass.reason,
                                  "why you must read a consult that isn't yours; opens it to you, on record");
  show->add_option("--minutes", flags->break_glass.minutes, "for how long, 30 if left out")
      ->check(CLI::Range(1, 60))
      ->needs(reason);
  auto* choose = AddAction(*consult, "choose", "Books one of the times offered", &Choose, flags, session);
  AddName(*choose, *flags);
  choose->add_option("--clinician", flags->clinician, "with whom")->required()->check(NameIn("clinicians"));
  choose->add_option("--start", flags->start, "begin of the visit, as offered")->required()->check(InstantText());
  AddRequestId(*choose, flags->request_id);
  auto* list =
      AddAction(*consult, "list", "Lists consults: your own, a worklist, or the staff's queue", &List, flags, session);
  AddListFlags(*list, *flags);
  auto* watch =
      AddAction(*consult, "watch", "Shows a consult, or with --view a list, and each change", &Watch, flags, session);
  watch->add_option("NAME", flags->name, "of the consult; until it is over")->check(NameIn("consults"));
  AddFilters(*watch, *flags);
  auto* accept = AddAction(*consult, "accept", "Takes on a consult that waits for the staff", &Accept, flags, session);
  AddName(*accept, *flags);
  AddRequestId(*accept, flags->request_id);
  auto* decline = AddAction(*consult, "decline", "Gives a visit with you up; the consult is routed again", &Decline,
                            flags, session);
  AddName(*decline, *flags);
  decline->add_option("--reason", flags->reason, "for the record; patients don't see it")->required();
  AddRequestId(*decline, flags->request_id);
  auto* cancel = AddAction(*consult, "cancel", "Calls a consult off, its visit too", &Cancel, flags, session);
  AddName(*cancel, *flags);
  AddRequestId(*cancel, flags->request_id);
}

}  // namespace lumbar::cli
