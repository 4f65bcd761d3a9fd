// Upstreams that do what a test tells them to.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/status/errors.h"
#include "services/gateway/consult/domain/upstreams.h"

namespace lumbar::gateway {

struct ScriptedTriage final : Triage {
  absl::Status status = absl::OkStatus();
  // How many calls fail before the script's turn comes.
  int outages = 0;
  triage::v1::Assessment assessment;
  triage::v1::AssessRequest asked;
  int calls = 0;
  absl::StatusOr<triage::v1::Assessment> Assess(const triage::v1::AssessRequest& request, const Errand&) override {
    asked = request;
    ++calls;
    if (outages-- > 0) return absl::UnavailableError("restarting");
    if (!status.ok()) return status;
    return assessment;
  }
};

struct ScriptedBooking final : Booking {
  absl::Status search = absl::OkStatus(), hold = absl::OkStatus(), confirm = absl::OkStatus();
  std::function<absl::Status()> cancel = [] { return absl::OkStatus(); };
  std::function<absl::Status()> release = [] { return absl::OkStatus(); };
  std::function<void()> on_search = [] {};
  // A proof that is too old for a hold.
  std::string expired_proof;
  // What GetAppointment finds, if it finds anything.
  booking::v1::Appointment appointment;
  absl::Status visit = absl::OkStatus();
  std::function<void()> on_get = [] {};
  std::vector<booking::v1::Slot> slots;
  std::vector<booking::v1::FindCandidatesRequest> searches;
  std::vector<booking::v1::CreateHoldRequest> holds;
  std::vector<booking::v1::ConfirmHoldRequest> confirms;
  std::vector<booking::v1::ReleaseHoldRequest> releases;
  std::vector<booking::v1::CancelAppointmentRequest> cancels;
  std::vector<std::string> cancelled;

  // Each clinician of `slots` is a candidate with those in the window.
  absl::StatusOr<booking::v1::FindCandidatesResponse> FindCandidates(const booking::v1::FindCandidatesRequest& request,
                                                                     const Errand&) override {
    searches.push_back(request);
    on_search();
    if (!search.ok()) return search;
    booking::v1::FindCandidatesResponse response;
    for (const auto& slot : slots) {
      if (slot.start_time().seconds() > request.end_time().seconds()) continue;
      booking::v1::Candidate* who = nullptr;
      for (auto& known : *response.mutable_candidates()) who = known.clinician() == slot.clinician() ? &known : who;
      if (who == nullptr) who = response.add_candidates();
      who->set_clinician(slot.clinician());
      who->set_speaks_language(true);
      if (who->slots_size() < request.slots_per_clinician()) *who->add_slots() = slot;
    }
    return response;
  }
  absl::StatusOr<booking::v1::Hold> CreateHold(const booking::v1::CreateHoldRequest& request, const Errand&) override {
    holds.push_back(request);
    if (!hold.ok()) return hold;
    if (!expired_proof.empty() && request.signed_assessment() == expired_proof) {
      return WithReason(absl::FailedPreconditionError("too old"), "ASSESSMENT_EXPIRED");
    }
    booking::v1::Hold made;
    made.set_name("holds/" + request.request_id());
    return made;
  }
  absl::StatusOr<booking::v1::Appointment> ConfirmHold(const booking::v1::ConfirmHoldRequest& request,
                                                       const Errand&) override {
    confirms.push_back(request);
    if (!confirm.ok()) return confirm;
    booking::v1::Appointment made;
    made.set_name("appointments/1");
    return made;
  }
  absl::Status ReleaseHold(const booking::v1::ReleaseHoldRequest& request, const Errand&) override {
    releases.push_back(request);
    return release();
  }
  absl::StatusOr<booking::v1::Appointment> GetAppointment(absl::string_view, const Errand&) override {
    on_get();
    if (!visit.ok()) return visit;
    return appointment;
  }
  absl::Status CancelAppointment(const booking::v1::CancelAppointmentRequest& request, const Errand&) override {
    cancelled.push_back(request.name());
    cancels.push_back(request);
    // A copy, since it may put another in its place.
    const auto answer = cancel;
    return answer();
  }
};

struct ScriptedAlerts final : StaffAlerts {
  absl::Status status = absl::OkStatus();
  std::vector<notification::v1::RaiseAlertRequest> raised;
  std::function<void()> on_raise = [] {};
  absl::Status RaiseAlert(const notification::v1::RaiseAlertRequest& request, const Errand&) override {
    raised.push_back(request);
    on_raise();
    return status;
  }
};

struct ScriptedReading final : Reading {
  std::vector<std::string> ArticlesOn(const std::vector<std::string>&, absl::string_view, const Errand&) override {
    return {"articles/sciatica"};
  }
};

}  // namespace lumbar::gateway
