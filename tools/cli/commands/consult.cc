#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "tools/cli/commands/change.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/consult_text.h"
#include "tools/cli/errors.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"

namespace lumbar::cli {
namespace {

struct ConsultFlags {
  std::string file;
  std::string name;
  std::string request_id;
  std::string clinician;
  std::string start;
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

using Action = absl::StatusOr<ExitCode> (*)(const ConsultFlags&, const Session&);

CLI::App* AddAction(CLI::App& consult, const char* name, const char* about, Action action,
                    const std::shared_ptr<ConsultFlags>& flags, Session& session) {
  auto* command = consult.add_subcommand(name, about);
  command->callback(
      [action, flags, &session] { session.command = [action, flags, &session] { return action(*flags, session); }; });
  return command;
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
  auto* cancel = AddAction(*consult, "cancel", "Calls a consult off, its visit too", &Cancel, flags, session);
  AddName(*cancel, *flags);
  AddRequestId(*cancel, flags->request_id);
}

}  // namespace lumbar::cli
