#include <CLI/CLI.hpp>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/consult/v1/consult_service.pb.h"
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
  std::string state;
  Paging paging;
};

ExitCode Tell(const consult::v1::Consult& consult, const Session& session) {
  if (!session.flags.json) session.world.out << ConsultText(consult);
  return IsEmergency(consult) ? ExitCode::kEmergency : ExitCode::kOk;
}

// Posts a change. If nobody can tell whether it took place, says how to ask again without doing it twice.
template <typename Request>
absl::StatusOr<ExitCode> Change(const Session& session, const std::string& route, Request request) {
  if (request.request_id().empty()) request.set_request_id(NewUuid());
  consult::v1::Consult consult;
  const absl::Status done = Post(session, route, request, consult);
  if (done.ok()) return Tell(consult, session);
  if (ExitCodeOf(done) == ExitCode::kServerFailed) {
    session.world.err << "lumbar: to try again without doing it twice, add --request-id " << request.request_id()
                      << "\n";
  }
  return done;
}

absl::StatusOr<ExitCode> Request(const ConsultFlags& flags, const Session& session) {
  consult::v1::RequestConsultRequest request;
  LUMBAR_RETURN_IF_ERROR(ReadMessage(flags.file, session.world.in, request));
  if (!flags.request_id.empty()) request.set_request_id(flags.request_id);
  return Change(session, "/v1/consults", std::move(request));
}

absl::StatusOr<ExitCode> Show(const ConsultFlags& flags, const Session& session) {
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
  return Change(session, "/v1/" + flags.name + ":chooseSlot", std::move(request));
}

absl::StatusOr<ExitCode> Cancel(const ConsultFlags& flags, const Session& session) {
  consult::v1::CancelConsultRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  return Change(session, "/v1/" + flags.name + ":cancel", std::move(request));
}

absl::StatusOr<ExitCode> Accept(const ConsultFlags& flags, const Session& session) {
  consult::v1::AcceptConsultRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  return Change(session, "/v1/" + flags.name + ":accept", std::move(request));
}

absl::StatusOr<ExitCode> List(const ConsultFlags& flags, const Session& session) {
  consult::v1::ListConsultsResponse found;
  const std::string state =
      flags.state.empty() ? "" : absl::StrCat("CONSULT_STATE_", absl::AsciiStrToUpper(flags.state));
  const auto route = Route(
      "/v1/consults", {{"state", state}, {"pageSize", flags.paging.SizeText()}, {"pageToken", flags.paging.token}});
  LUMBAR_RETURN_IF_ERROR(Get(session, route, found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {
      {"STATE", "LEVEL", "ASKED (UTC)", "ACT BY (UTC)", "ANSWER BY (UTC)", "HANDLER", "CONSULT"}};
  const auto time = [](bool known, const auto& when) { return known ? UtcTime(when) : std::string("-"); };
  for (const consult::v1::Consult& one : found.consults()) {
    const auto& assessment = one.assessment();
    rows.push_back({Label(consult::v1::ConsultState_Name(one.state()), "CONSULT_STATE_"),
                    one.has_assessment() ? Label(triage::v1::Level_Name(assessment.level()), "LEVEL_") : "unknown",
                    UtcTime(one.create_time()), time(assessment.has_act_by_time(), assessment.act_by_time()),
                    time(one.has_respond_by_time(), one.respond_by_time()), one.handler().empty() ? "-" : one.handler(),
                    one.name()});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

using Action = absl::StatusOr<ExitCode> (*)(const ConsultFlags&, const Session&);

CLI::App* AddAction(CLI::App& consult, const char* name, const char* about, Action action,
                    const std::shared_ptr<ConsultFlags>& flags, Session& session) {
  auto* command = consult.add_subcommand(name, about);
  command->callback(
      [action, flags, &session] { session.command = [action, flags, &session] { return action(*flags, session); }; });
  return command;
}

// As --state wants them.
std::vector<std::string> States() {
  std::vector<std::string> states;
  const auto& described = *consult::v1::ConsultState_descriptor();
  for (int i = 1; i < described.value_count(); ++i) {
    states.push_back(absl::StrReplaceAll(Label(described.value(i)->name(), "CONSULT_STATE_"), {{" ", "_"}}));
  }
  return states;
}

void AddName(CLI::App& command, ConsultFlags& flags) {
  command.add_option("NAME", flags.name, "of the consult")->required()->check(NameIn("consults"));
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
  auto* choose = AddAction(*consult, "choose", "Books one of the times offered", &Choose, flags, session);
  AddName(*choose, *flags);
  choose->add_option("--clinician", flags->clinician, "with whom")->required()->check(NameIn("clinicians"));
  choose->add_option("--start", flags->start, "begin of the visit, as offered")->required()->check(InstantText());
  AddRequestId(*choose, flags->request_id);
  auto* list = AddAction(*consult, "list", "Lists consults, the newest first", &List, flags, session);
  list->add_option("--state", flags->state, "only those in it, e.g. escalated, offered or booked")
      ->check(CLI::IsMember(States()));
  AddPaging(*list, flags->paging);
  auto* accept = AddAction(*consult, "accept", "Takes on a consult that waits for the staff", &Accept, flags, session);
  AddName(*accept, *flags);
  AddRequestId(*accept, flags->request_id);
  auto* cancel = AddAction(*consult, "cancel", "Calls a consult off, its visit too", &Cancel, flags, session);
  AddName(*cancel, *flags);
  AddRequestId(*cancel, flags->request_id);
}

}  // namespace lumbar::cli
