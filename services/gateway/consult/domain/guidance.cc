#include "services/gateway/consult/domain/guidance.h"

#include <absl/strings/str_cat.h>

namespace lumbar::gateway {

using consult::v1::Consult;

namespace {

constexpr char kDanger[] =
    " If you have any of these, now or later, don't wait for us: no feeling between your legs, trouble "
    "controlling your bladder or bowels, weak legs, fainting, or fever with new weakness. Call 911 or go to an "
    "emergency room now.";

constexpr char kAskAgain[] = "If you want a visit, please ask for a new one and answer the questions again.";

// What to do until somebody of the staff has seen the consult: never less than triage asked for, as far as it was
// asked.
std::string WhileStaffLook(const Consult& consult) {
  if (!consult.has_assessment()) {
    return "We couldn't check your answers just now, so a person of our care team has to look at them.";
  }
  if (consult.assessment().level() >= triage::v1::LEVEL_CONSULTATION_24) {
    return "We found no visit that is soon enough. You should be seen within 24 hours: please go to an urgent "
           "care center today rather than wait for our care team.";
  }
  return "We found no visit in time. Our care team will look for one; if you haven't heard from us within a "
         "day, please call the clinic.";
}

// What happened, before what to do.
std::string AfterDecline(const Consult& consult) {
  return consult.declines().empty() ? "" : "The clinician can't see you at the time you had chosen. ";
}

}  // namespace

std::string GuidanceFor(const Consult& consult) {
  const auto& assessment = consult.assessment();
  switch (consult.state()) {
    case consult::v1::CONSULT_STATE_EMERGENCY:
      return absl::StrCat(assessment.headline(), ". ", assessment.instructions());
    case consult::v1::CONSULT_STATE_SELF_CARE:
      return absl::StrCat(AfterDecline(consult), assessment.headline(), ". ", assessment.instructions(),
                          " If you would like to talk to a clinician all the same, choose one of the times offered.");
    case consult::v1::CONSULT_STATE_TRIAGED:
      return absl::StrCat("We are looking for a clinician for you. Please check again in a minute.", kDanger);
    case consult::v1::CONSULT_STATE_OFFERED:
      return absl::StrCat(AfterDecline(consult),
                          "Please choose one of the times offered. Each is soon enough for what you told us.");
    case consult::v1::CONSULT_STATE_HELD:
      return "We are booking the time you chose. Please check again in a minute.";
    case consult::v1::CONSULT_STATE_BOOKED:
      return "Your visit is booked. You will get a confirmation by e-mail, and reminders if there is time before the "
             "visit.";
    case consult::v1::CONSULT_STATE_ESCALATED:
      return absl::StrCat(AfterDecline(consult), WhileStaffLook(consult), kDanger);
    case consult::v1::CONSULT_STATE_DECLINED:
      return "The clinician can't see you at the time you had chosen. You keep your place, and we are looking for "
             "another clinician. Please check again in a minute.";
    case consult::v1::CONSULT_STATE_CANCELLED:
      return "This consult was called off. You can ask for a new one at any time.";
    case consult::v1::CONSULT_STATE_EXPIRED:
      return absl::StrCat(
          "What you told us is too long ago to book another time on; a visit that you have booked stays booked. ",
          kAskAgain, kDanger);
    case consult::v1::CONSULT_STATE_NO_SHOW:
      return absl::StrCat("You weren't there when your visit began, and it is over. ", kAskAgain, kDanger);
    case consult::v1::CONSULT_STATE_COMPLETED:
      return "Your visit is over. You can ask for a new one at any time.";
    default:
      return "";
  }
}

}  // namespace lumbar::gateway
