#include "tools/cli/commands/consult_text.h"

#include <absl/strings/str_cat.h>

#include "tools/cli/commands/assessment_text.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

std::string Triaged(const consult::v1::Consult& consult) {
  if (!consult.has_assessment()) return "";
  const auto& assessment = consult.assessment();
  std::string out = Heading("Triage");
  absl::StrAppend(&out, Wrapped(LevelText(assessment.level()), "  "), Wrapped(assessment.instructions(), "  "));
  if (assessment.has_act_by_time() && !IsEmergency(assessment.level())) {
    absl::StrAppend(&out, "  Be seen by ", LocalTime(assessment.act_by_time(), consult.contact().time_zone()), ".\n");
  }
  for (const auto& rule : assessment.fired_rules()) absl::StrAppend(&out, Wrapped(rule.note(), "  - "));
  const std::string open = Unanswered(assessment);
  if (!open.empty()) {
    absl::StrAppend(&out, open,
                    "  To answer, ask for a consult again and tell what is absent in \"presentation\"; `lumbar triage "
                    "interview` asks one question after the other.\n");
  }
  return absl::StrCat(out, Heading("Warning signs"), Wrapped(assessment.safety_net(), "  "));
}

std::string Offers(const consult::v1::Consult& consult) {
  if (consult.offers().empty()) return "";
  const auto& best = consult.offers(0);
  return absl::StrCat(Heading("Times offered, the best first"),
                      SlotTable(consult.offers(), consult.contact().time_zone()),
                      "\nTo take the first:\n  lumbar consult choose ", Plain(consult.name()), " --clinician ",
                      Plain(best.clinician()), " --start ", UtcTime(best.start_time()), "\n");
}

std::string Visit(const consult::v1::Consult& consult) {
  if (!consult.has_chosen_slot()) return "";
  const std::string appointment = consult.appointment().empty() ? "" : absl::StrCat(", ", consult.appointment());
  return Heading("Visit") +
         Wrapped(absl::StrCat(SlotText(consult.chosen_slot(), consult.contact().time_zone()), appointment), "  ");
}

std::string Reading(const consult::v1::Consult& consult) {
  if (consult.articles().empty()) return "";
  std::string out = Heading("Good reading");
  for (const auto& article : consult.articles()) absl::StrAppend(&out, Wrapped(article, "  lumbar article show "));
  return out;
}

std::string ForStaff(const consult::v1::Consult& consult) {
  // Of an emergency the guidance says what is to be done, and by whom.
  const std::string reason =
      consult.state() == consult::v1::CONSULT_STATE_EMERGENCY ? "" : Plain(consult.escalation_reason());
  if (reason.empty() && consult.routing_notes().empty() && consult.declines().empty()) return "";
  std::string out = Heading("Routing");
  absl::StrAppend(&out, Wrapped(reason, "  For staff: "));
  if (!consult.handler().empty()) absl::StrAppend(&out, Wrapped(Plain(consult.handler()), "  Looked after by: "));
  if (consult.has_respond_by_time()) {
    absl::StrAppend(&out, Wrapped(UtcTime(consult.respond_by_time()), "  To be taken on by (UTC): "));
  }
  for (const auto& decline : consult.declines()) {
    absl::StrAppend(&out, Wrapped(absl::StrCat(decline.clinician(), " declined: ", decline.reason()), "  - "));
  }
  for (const auto& note : consult.routing_notes()) {
    absl::StrAppend(&out, Wrapped(absl::StrCat(note.clinician(), ": ", note.reason()), "  - "));
  }
  return out;
}

}  // namespace

bool IsEmergency(const consult::v1::Consult& consult) {
  return consult.state() == consult::v1::CONSULT_STATE_EMERGENCY || IsEmergency(consult.assessment().level());
}

std::string ConsultText(const consult::v1::Consult& consult) {
  const std::string state = Label(consult::v1::ConsultState_Name(consult.state()), "CONSULT_STATE_");
  return absl::StrCat(IsEmergency(consult) ? "EMERGENCY\n" : "", Wrapped(consult.guidance()), "\n",
                      Wrapped(absl::StrCat(consult.name(), ": ", state)), Visit(consult), Offers(consult),
                      Triaged(consult), Reading(consult), ForStaff(consult));
}

}  // namespace lumbar::cli
