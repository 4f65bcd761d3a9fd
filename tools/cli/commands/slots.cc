#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"

namespace lumbar::cli {
namespace {

struct SlotFlags {
  booking::v1::SearchSlotsRequest request;
  std::string from;
  std::string to;
  Paging paging;
};

absl::StatusOr<ExitCode> Search(const SlotFlags& flags, const Session& session) {
  booking::v1::SearchSlotsRequest request = flags.request;
  if (!flags.from.empty()) *request.mutable_start_time() = InstantOf(flags.from);
  if (!flags.to.empty()) *request.mutable_end_time() = InstantOf(flags.to);
  request.set_page_size(flags.paging.size);
  request.set_page_token(flags.paging.token);
  booking::v1::SearchSlotsResponse found;
  LUMBAR_RETURN_IF_ERROR(Post(session, "/v1/slots:search", request, found));
  if (session.flags.json) return ExitCode::kOk;
  session.world.out
      << (found.slots().empty()
              ? "No free time. Try a later --to; or leave filters out, for perhaps nobody here is licensed "
                "in that state, sees that age, or fits the rest.\n"
              : SlotTable(found.slots()))
      << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

}  // namespace

void AddSlots(CLI::App& app, Session& session) {
  auto* slots = app.add_subcommand("slots", "Lists free times of clinicians who may treat the patient");
  const auto flags = std::make_shared<SlotFlags>();
  auto& request = flags->request;
  slots->add_option("--state", *request.mutable_patient_state(), "where the patient will be, e.g. CA")->required();
  slots
      ->add_option_function<uint32_t>(
          "--age", [flags](uint32_t age) { flags->request.set_patient_age_years(age); }, "the patient's age in years")
      ->required()
      ->check(CLI::Range(0, 120));
  request.set_visit_type("virtual-back-pain");
  slots->add_option("--visit-type", *request.mutable_visit_type(), "kind of visit")->capture_default_str();
  slots->add_option("--from", flags->from, "earliest begin; now if left out")->check(InstantText());
  slots->add_option("--to", flags->to, "latest begin; 14 days after --from if left out")->check(InstantText());
  slots->add_option("--clinician", *request.mutable_clinician(), "only this one")->check(NameIn("clinicians"));
  slots->add_option("--language", *request.mutable_language_code(), "only who speaks it, BCP 47, e.g. es");
  slots->add_option("--specialty", *request.mutable_specialty(), "only who has it, e.g. physiatry");
  AddPaging(*slots, flags->paging);
  slots->callback([flags, &session] { session.command = [flags, &session] { return Search(*flags, session); }; });
}

}  // namespace lumbar::cli
