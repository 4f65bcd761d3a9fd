#include "services/gateway/consult/domain/guidance.h"

#include <absl/strings/str_cat.h>

namespace lumbar::gateway {

using consult::v1::Consult;

std::string GuidanceFor(const Consult& consult) {
  const auto& assessment = consult.assessment();
  switch (consult.state()) {
    case consult::v1::CONSULT_STATE_EMERGENCY:
      return absl::StrCat(assessment.headline(), ". ", assessment.instructions());
    case consult::v1::CONSULT_STATE_SELF_CARE:
      return absl::StrCat(assessment.headline(), ". ", assessment.instructions(),
                          " If you would like to talk to a clinician all the same, choose one of the times offered.");
    case consult::v1::CONSULT_STATE_TRIAGED:
      return "We are looking for a clinician for you. Please check again in a minute.";
    case consult::v1::CONSULT_STATE_OFFERED:
      return "Please choose one of the times offered. Each is soon enough for what you told us.";
    case consult::v1::CONSULT_STATE_HELD:
      return "We are booking the time you chose. Please check again in a minute.";
    case consult::v1::CONSULT_STATE_BOOKED:
      return "Your visit is booked. You will get a confirmation by e-mail, and reminders before the visit.";
    case consult::v1::CONSULT_STATE_ESCALATED:
      return "Our care team will arrange this with you in person. Please don't wait if you feel worse: if you lose "
             "feeling between your legs, can't control your bladder or bowels, or your legs get weak, call 911 or go "
             "to "
             "an emergency room now.";
    case consult::v1::CONSULT_STATE_CANCELLED:
      return "This consult was called off. You can ask for a new one at any time.";
    case consult::v1::CONSULT_STATE_EXPIRED:
      return "What you told us is too long ago to book on. Please answer the questions again.";
    default:
      return "";
  }
}

}  // namespace lumbar::gateway
