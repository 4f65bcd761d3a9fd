#include "services/gateway/consult/domain/saga.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/ending.h"
#include "services/gateway/consult/domain/escalation.h"
#include "services/gateway/consult/domain/guidance.h"
#include "services/gateway/consult/domain/routing.h"
#include "services/gateway/consult/domain/worklist.h"

namespace lumbar::gateway {
namespace {

using consult::v1::Consult;

// Without an act-by time, as far ahead as is worth offering.
constexpr absl::Duration kHorizon = absl::Hours(24 * 14);

bool IsEmergency(const triage::v1::Assessment& assessment) {
  return assessment.level() >= triage::v1::LEVEL_EMERGENCY || !assessment.virtual_visit_fits();
}

void Settle(Consult& consult, consult::v1::ConsultState state, const std::string& reason = "") {
  consult.set_state(state);
  consult.set_escalation_reason(reason);
}

void TakeAssessment(Case& opened, triage::v1::Assessment assessment) {
  opened.signed_assessment = assessment.signed_assessment();
  assessment.clear_signed_assessment();
  // For whoever reviews rules: a patient who reads that other rules see no danger may believe them.
  assessment.clear_disagreements();
  *opened.consult.mutable_assessment() = std::move(assessment);
  if (IsEmergency(opened.consult.assessment())) {
    Settle(opened.consult, consult::v1::CONSULT_STATE_EMERGENCY, "EMERGENCY_NOT_BOOKABLE");
  } else {
    Settle(opened.consult, consult::v1::CONSULT_STATE_TRIAGED);
  }
}

bool IsTooOld(const absl::Status& refused) {
  const std::string reason = ReasonOf(refused);
  return reason == "ASSESSMENT_EXPIRED" || reason == "ASSESSMENT_TOO_OLD";
}

// What is wrong isn't the time: every other one would be refused, too.
bool RefusesEveryTime(const absl::Status& refused) {
  const bool is_of_proof = absl::StartsWith(ReasonOf(refused), "ASSESSMENT_") && !IsTooOld(refused);
  return is_of_proof || absl::IsInvalidArgument(refused);
}

// Routed late, after an outage: what is left of the proof is too short to choose in. Whoever was declined gets a new
// one when they have chosen.
bool NeedsNewProof(const Consult& consult, absl::Time now) {
  const auto& assessment = consult.assessment();
  const bool is_late = now - LastChangeOf(consult) >= kLease;
  return is_late && consult.declines().empty() && assessment.has_expire_time() &&
         FromProto(assessment.expire_time()) - now < kBookingPatience;
}

}  // namespace

booking::v1::CreateHoldRequest HoldOf(const Case& chosen) {
  const Consult& consult = chosen.consult;
  booking::v1::CreateHoldRequest wanted;
  wanted.set_request_id(chosen.hold_request_id);
  wanted.set_patient(consult.patient());
  wanted.set_clinician(consult.chosen_slot().clinician());
  wanted.set_visit_type(consult.chosen_slot().visit_type());
  *wanted.mutable_start_time() = consult.chosen_slot().start_time();
  *wanted.mutable_contact() = consult.contact();
  wanted.set_signed_assessment(chosen.signed_assessment);
  return wanted;
}

bool SlotLost(const absl::Status& status) {
  static constexpr std::array<absl::string_view, 11> kReasons = {
      "SLOT_TAKEN",   "HOLD_EXPIRED", "HOLD_RELEASED",  "HOLD_NOT_FOUND",         "NOT_A_SLOT",         "DAY_FULL",
      "NOT_ELIGIBLE", "AFTER_ACT_BY", "TOO_MANY_HOLDS", "EMERGENCY_NOT_BOOKABLE", "CLINICIAN_NOT_FOUND"};
  const std::string reason = ReasonOf(status);
  // What booking finds wrong with the request stays wrong: trying again would only keep the patient waiting.
  return absl::IsInvalidArgument(status) || absl::StartsWith(reason, "ASSESSMENT_") ||
         absl::c_linear_search(kReasons, reason);
}

absl::StatusOr<triage::v1::Assessment> Saga::Assess(const Consult& consult, const Errand& errand) {
  triage::v1::AssessRequest request;
  *request.mutable_presentation() = consult.presentation();
  request.set_patient(consult.patient());
  request.set_language_code(consult.contact().language_code());
  request.set_sign(true);
  auto assessment = triage_.Assess(request, errand);
  // Once more, lest a restart of triage or a short burst hand the patient to staff.
  if (absl::IsUnavailable(assessment.status()) || absl::IsResourceExhausted(assessment.status())) {
    assessment = triage_.Assess(request, errand);
  }
  return assessment;
}

absl::StatusOr<Case> Saga::Open(const consult::v1::RequestConsultRequest& request, const Errand& errand) {
  Case opened;
  Consult& consult = opened.consult;
  consult.set_name(store::NewName("consults"));
  consult.set_patient(request.patient());
  *consult.mutable_contact() = request.contact();
  *consult.mutable_presentation() = request.presentation();
  *consult.mutable_create_time() = ToProtoTime(clock_.Now());
  opened.lease_end = clock_.Now() + kLease;
  auto assessment = Assess(consult, errand);
  if (assessment.ok()) {
    TakeAssessment(opened, *std::move(assessment));
  } else if (absl::IsInvalidArgument(assessment.status())) {
    return assessment.status();
  } else {
    Log(LogLevel::kError, "triage_unavailable", {{"consult", consult.name()}, {"trace_id", errand.trace.trace_id}});
    Escalate(opened, "TRIAGE_UNAVAILABLE", clock_.Now());
  }
  consult.set_guidance(GuidanceFor(consult));
  return opened;
}

absl::StatusOr<Case> Saga::Advance(Case moved, const Errand& errand) {
  if (moved.consult.state() == consult::v1::CONSULT_STATE_TRIAGED) return Route(std::move(moved), errand);
  if (moved.consult.state() == consult::v1::CONSULT_STATE_HELD) return Book(std::move(moved), errand);
  if (moved.consult.state() == consult::v1::CONSULT_STATE_DECLINED) return CallOff(std::move(moved), errand);
  if (moved.alert_time <= clock_.Now()) return Alert(std::move(moved), errand);
  if (DueTimeOf(moved.consult) <= clock_.Now()) return End(std::move(moved), errand);
  return moved;
}

absl::StatusOr<booking::v1::FindCandidatesResponse> Saga::FindCandidates(const Consult& consult, absl::Time now,
                                                                         absl::Time deadline, const Errand& errand) {
  if (deadline <= now) return booking::v1::FindCandidatesResponse();
  booking::v1::FindCandidatesRequest wanted;
  wanted.set_patient(consult.patient());
  wanted.set_patient_state(consult.contact().state());
  wanted.set_patient_age_years(consult.contact().age_years());
  wanted.set_visit_type(std::string(kVisitType));
  wanted.set_language_code(consult.contact().language_code());
  wanted.set_slots_per_clinician(kMaxOffersPerClinician);
  *wanted.mutable_start_time() = ToProtoTime(now);
  *wanted.mutable_end_time() = ToProtoTime(deadline);
  return booking_.FindCandidates(wanted, errand);
}

absl::StatusOr<Case> Saga::Route(Case moved, const Errand& errand) {
  const auto& assessment = moved.consult.assessment();
  const absl::Time now = clock_.Now(),
                   act_by = assessment.has_act_by_time() ? FromProto(assessment.act_by_time()) : absl::InfiniteFuture();
  const absl::Time deadline = std::min(act_by, now + kHorizon);
  const auto found = FindCandidates(moved.consult, now, deadline, errand);
  if (!found.ok()) return PutOff(std::move(moved), "routing", found.status(), errand);
  if (NeedsNewProof(moved.consult, now)) {
    const absl::Status renewed = RenewProof(moved, errand);
    if (!renewed.ok()) return PutOff(std::move(moved), "routing", renewed, errand);
    if (moved.consult.state() == consult::v1::CONSULT_STATE_EMERGENCY) return Save(std::move(moved));
  }
  Consult& consult = moved.consult;
  const auto level = consult.assessment().level();
  MakeOffers(*found, now, deadline, consult);
  if (consult.articles().empty()) AddArticles(consult, errand);
  // Whoever had a visit and has lost it isn't left with none in silence.
  const bool may_be_left = consult.declines().empty() || !consult.offers().empty();
  if (level == triage::v1::LEVEL_SELF_CARE && may_be_left) {
    Settle(consult, consult::v1::CONSULT_STATE_SELF_CARE);
  } else if (consult.offers().empty()) {
    Log(LogLevel::kError, "no_slot_before_act_by", {{"consult", consult.name()}, {"trace_id", errand.trace.trace_id}});
    Escalate(moved, "NO_SLOT_BEFORE_ACT_BY", now);
  } else {
    Settle(consult, consult::v1::CONSULT_STATE_OFFERED);
  }
  LUMBAR_ASSIGN_OR_RETURN(moved, Save(std::move(moved)));
  // Offers that are over already, by this clock, end when the resumer comes to them: not at once, for ever.
  if (moved.alert_time > clock_.Now()) return moved;
  return Alert(std::move(moved), errand);
}

void Saga::AddArticles(Consult& consult, const Errand& errand) {
  std::vector<std::string> causes;
  for (const auto& cause : consult.assessment().causes()) causes.push_back(cause.id());
  const std::string& language = consult.contact().language_code();
  for (auto& article : reading_.ArticlesOn(causes, language, errand)) consult.add_articles(std::move(article));
}

absl::StatusOr<Case> Saga::Alert(Case moved, const Errand& errand) {
  notification::v1::RaiseAlertRequest alert;
  alert.set_request_id(moved.alert_request_id);
  alert.set_consult(moved.consult.name());
  alert.set_number(moved.alerts + 1);
  const absl::Status raised = alerts_.RaiseAlert(alert, errand);
  const std::string reason = ReasonOf(raised);
  // To try that again would tell nobody either.
  const bool nobody = reason == "STAFF_EMAIL_MISSING";
  if (!raised.ok()) {
    Log(LogLevel::kError, nobody ? "nobody_to_alert" : "alert_put_off",
        {{"consult", moved.consult.name()}, {"reason", reason}, {"trace_id", errand.trace.trace_id}});
    if (!nobody) return moved;
  }
  MarkAlerted(moved, clock_.Now());
  return Save(std::move(moved));
}

absl::StatusOr<Case> Saga::Book(Case moved, const Errand& errand) {
  auto hold = booking_.CreateHold(HoldOf(moved), errand);
  if (IsTooOld(hold.status()) && !moved.consult.declines().empty()) {
    const absl::Status renewed = RenewProof(moved, errand);
    if (!renewed.ok()) return TryLater(std::move(moved), renewed, errand);
    // Other calls than those that were refused.
    moved.hold_request_id = store::NewUuid();
    moved.confirm_request_id = store::NewUuid();
    LUMBAR_ASSIGN_OR_RETURN(moved, Save(std::move(moved)));
    if (moved.consult.state() == consult::v1::CONSULT_STATE_EMERGENCY) return moved;
    hold = booking_.CreateHold(HoldOf(moved), errand);
  }
  if (!hold.ok()) return TryLater(std::move(moved), hold.status(), errand);

  booking::v1::ConfirmHoldRequest confirm;
  confirm.set_request_id(moved.confirm_request_id);
  confirm.set_name(hold->name());
  const auto appointment = booking_.ConfirmHold(confirm, errand);
  if (!appointment.ok()) return TryLater(std::move(moved), appointment.status(), errand);
  moved.consult.set_appointment(appointment->name());
  moved.consult.clear_offers();
  Settle(moved.consult, consult::v1::CONSULT_STATE_BOOKED);
  return Save(std::move(moved));
}

absl::Status Saga::RenewProof(Case& moved, const Errand& errand) {
  LUMBAR_ASSIGN_OR_RETURN(auto assessment, Assess(moved.consult, errand));
  if (IsEmergency(assessment)) {
    moved.consult.clear_chosen_slot();
    moved.consult.clear_offers();
    TakeAssessment(moved, std::move(assessment));
  } else {
    moved.signed_assessment = assessment.signed_assessment();
    if (assessment.has_expire_time()) {
      *moved.consult.mutable_assessment()->mutable_expire_time() = assessment.expire_time();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Case> Saga::TryLater(Case moved, const absl::Status& why, const Errand& errand) {
  if (RefusesEveryTime(why)) return HandOver(std::move(moved), "booking_refused", why, errand);
  if (SlotLost(why)) return GiveUpSlot(std::move(moved), why, errand);
  return PutOff(std::move(moved), "booking", why, errand);
}

absl::StatusOr<Case> Saga::PutOff(Case moved, absl::string_view what, const absl::Status& why, const Errand& errand) {
  // Nothing has been stored since it came to this step, so the case's last change is that.
  const bool stuck = clock_.Now() - LastChangeOf(moved.consult) >= kBookingPatience;
  if (stuck) return HandOver(std::move(moved), absl::StrCat(what, "_stuck"), why, errand);
  Log(LogLevel::kWarning, absl::StrCat(what, "_put_off"),
      {{"consult", moved.consult.name()}, {"reason", ReasonOf(why)}, {"trace_id", errand.trace.trace_id}});
  return moved;
}

absl::StatusOr<Case> Saga::HandOver(Case moved, const std::string& event, const absl::Status& why,
                                    const Errand& errand) {
  Log(LogLevel::kError, event,
      {{"consult", moved.consult.name()}, {"reason", ReasonOf(why)}, {"trace_id", errand.trace.trace_id}});
  moved.consult.clear_offers();
  Escalate(moved, absl::AsciiStrToUpper(event), clock_.Now());
  LUMBAR_ASSIGN_OR_RETURN(moved, Save(std::move(moved)));
  return Advance(std::move(moved), errand);
}

absl::StatusOr<Case> Saga::GiveUpSlot(Case moved, const absl::Status& why, const Errand& errand) {
  moved.consult.clear_chosen_slot();
  moved.consult.clear_offers();
  Settle(moved.consult, IsTooOld(why) ? consult::v1::CONSULT_STATE_EXPIRED : consult::v1::CONSULT_STATE_TRIAGED);
  LUMBAR_ASSIGN_OR_RETURN(moved, Save(std::move(moved)));
  LUMBAR_RETURN_IF_ERROR(Advance(std::move(moved), errand).status());
  return why;
}

absl::StatusOr<Case> Saga::Save(Case changed) {
  changed.consult.set_guidance(GuidanceFor(changed.consult));
  *changed.consult.mutable_update_time() = ToProtoTime(clock_.Now());
  changed.lease_end = clock_.Now() + kLease;
  return cases_.Save(std::move(changed));
}

absl::StatusOr<std::vector<Case>> Saga::Claim(int limit) {
  // For longer than they can take.
  const absl::Time now = clock_.Now(), lease_end = now + limit * kMoveTime + kLease;
  LUMBAR_ASSIGN_OR_RETURN(std::vector<Case> claimed, cases_.ClaimUnfinished(now, lease_end, limit));
  return claimed.empty() ? cases_.ClaimDue(now, lease_end, limit) : claimed;
}

absl::StatusOr<int> Saga::ResumeUnfinished(int limit) {
  // Few at a time, so that a process that is stopped keeps few from the others.
  constexpr int kAtOnce = 2;
  int taken = 0;
  while (taken < limit && !stopping_) {
    LUMBAR_ASSIGN_OR_RETURN(auto claimed, Claim(std::min(kAtOnce, limit - taken)));
    if (claimed.empty()) break;
    for (Case& left : claimed) {
      if (stopping_) break;
      Resume(std::move(left));
      ++taken;
    }
  }
  return taken;
}

void Saga::Resume(Case left) {
  const std::string name = left.consult.name();
  const Errand errand{clock_.Now() + kMoveTime, NewTrace()};
  if (auto moved = Advance(std::move(left), errand); !moved.ok()) {
    Log(LogLevel::kWarning, "resume_refused", {{"consult", name}, {"reason", ReasonOf(moved.status())}});
  }
}

}  // namespace lumbar::gateway
