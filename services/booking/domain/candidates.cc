#include "services/booking/domain/candidates.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/eligibility.h"
#include "services/booking/domain/free_visits.h"
#include "services/booking/domain/offer.h"
#include "services/booking/domain/slot_query.h"

namespace lumbar::booking {
namespace {

using Request = v1::FindCandidatesRequest;
using Response = v1::FindCandidatesResponse;

constexpr int kUsualSlots = 2;
// Of how many visits of the patient it is asked with whom they were.
constexpr int kPastVisits = 20;

absl::StatusOr<Reach> WindowFor(const Request& request, absl::Time now) {
  v1::SearchSlotsRequest search;
  if (request.has_start_time()) *search.mutable_start_time() = request.start_time();
  if (request.has_end_time()) *search.mutable_end_time() = request.end_time();
  LUMBAR_ASSIGN_OR_RETURN(const SlotQuery query, Understand(search, now));
  return Reach{std::max(query.window.first, now), std::min(query.window.last, now + kLongestHorizon)};
}

// What stands in the way whatever the time is; the first of it, or UNSPECIFIED.
v1::PassOverReason Obstacle(const ListedClinician& listed, const Request& request) {
  const v1::Clinician& clinician = listed.clinician;
  if (FindVisitType(clinician, request.visit_type()) == nullptr) return v1::PASS_OVER_REASON_VISIT_TYPE_NOT_OFFERED;
  const PatientScope patient{request.patient_state(), request.patient_age_years()};
  if (!CheckScope(clinician, patient, request.visit_type()).ok()) return v1::PASS_OVER_REASON_OUTSIDE_AGE_SCOPE;
  if (!IsLicensedIn(clinician, request.patient_state())) return v1::PASS_OVER_REASON_NOT_LICENSED;
  // This machine doesn't know the zone, and so no time of theirs.
  if (listed.hours == nullptr) return v1::PASS_OVER_REASON_NO_FREE_TIME;
  return v1::PASS_OVER_REASON_UNSPECIFIED;
}

// The candidates of an answer, in the order in which their first times are found.
class Finds {
 public:
  Finds(const Request& request, Response& response)
      : slots_(request.slots_per_clinician() == 0 ? kUsualSlots : request.slots_per_clinician()), response_(response) {}

  Walk Take(const FreeVisit& free) {
    const std::string& name = free.who.clinician().name();
    const auto [known, is_new] = place_.try_emplace(name, response_.candidates_size());
    if (is_new && known->second >= kMostCandidates) return Walk::kEnoughOfThisClinician;
    v1::Candidate& candidate = is_new ? *response_.add_candidates() : *response_.mutable_candidates(known->second);
    candidate.set_clinician(name);
    *candidate.add_slots() = MakeSlot(free.who.clinician(), free.who.type->code(), free.time);
    return candidate.slots_size() < slots_ ? Walk::kOn : Walk::kEnoughOfThisClinician;
  }
  // Why one who could see the patient isn't a candidate; UNSPECIFIED if that isn't so.
  v1::PassOverReason Obstacle(const std::string& name) const {
    const auto known = place_.find(name);
    if (known == place_.end()) return v1::PASS_OVER_REASON_NO_FREE_TIME;
    return known->second < kMostCandidates ? v1::PASS_OVER_REASON_UNSPECIFIED : v1::PASS_OVER_REASON_LATER_THAN_OTHERS;
  }

 private:
  const int slots_;
  Response& response_;
  absl::flat_hash_map<std::string, int> place_;
};

// The reasons are numbered by how near to a candidate they leave somebody.
void AddPassedOver(std::vector<v1::PassedOver> passed_over, Response& response) {
  std::stable_sort(passed_over.begin(), passed_over.end(),
                   [](const auto& a, const auto& b) { return a.reason() > b.reason(); });
  const size_t shown = std::min<size_t>(passed_over.size(), kMostPassedOver);
  for (size_t i = 0; i < shown; ++i) *response.add_passed_over() = std::move(passed_over[i]);
  response.set_more_passed_over(static_cast<int>(passed_over.size() - shown));
}

bool TookPlace(const v1::Appointment& appointment) {
  return appointment.state() != v1::APPOINTMENT_STATE_CANCELLED && appointment.state() != v1::APPOINTMENT_STATE_NO_SHOW;
}

// `busy` as a share of the weekly hours; of who has none, who works by dates alone, as if they were a full week.
double LoadOf(const v1::Clinician& clinician, absl::Duration busy) {
  int64_t weekly = 0;
  for (const auto& hours : clinician.weekly_hours()) weekly += SecondsOfDay(hours.end()) - SecondsOfDay(hours.start());
  return absl::FDivDuration(busy, weekly > 0 ? absl::Seconds(weekly) : absl::Hours(40));
}

}  // namespace

absl::Status Candidates::Describe(const Request& request, const ClinicianList& list, absl::Time now, Response& found) {
  if (found.candidates().empty()) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const Workloads workloads,
                          appointments_.WorkloadsIn(TicksOf({now, now + kLoadWindow}), now - kLastBookings));
  LUMBAR_ASSIGN_OR_RETURN(const auto past, appointments_.ListPast(request.patient(), now, kPastVisits));
  absl::flat_hash_map<std::string, google::protobuf::Timestamp> seen;
  for (const auto& visit : past) {
    if (TookPlace(visit)) seen.try_emplace(visit.slot().clinician(), visit.slot().start_time());
  }
  for (v1::Candidate& candidate : *found.mutable_candidates()) {
    LUMBAR_ASSIGN_OR_RETURN(const auto listed, ClinicianDirectory::Find(list, candidate.clinician()));
    candidate.set_speaks_language(Speaks(listed->clinician, request.language_code()));
    if (const auto last = seen.find(candidate.clinician()); last != seen.end()) {
      *candidate.mutable_last_seen_time() = last->second;
    }
    const auto workload = workloads.find(candidate.clinician());
    if (workload == workloads.end()) continue;
    candidate.set_load(LoadOf(listed->clinician, workload->second.busy));
    if (const auto booked = workload->second.last_booked) *candidate.mutable_last_booked_time() = ToProtoTime(*booked);
  }
  return absl::OkStatus();
}

absl::StatusOr<Response> Candidates::FindCandidates(const rpc::CallContext&, const Request& request) {
  const absl::Time now = clock_.Now();
  LUMBAR_ASSIGN_OR_RETURN(const Reach window, WindowFor(request, now));
  LUMBAR_ASSIGN_OR_RETURN(const std::shared_ptr<const ClinicianList> list, directory_.Everybody());
  std::vector<Searched> searched;
  std::vector<v1::PassedOver> passed_over;
  const auto pass_over = [&](const std::string& clinician, v1::PassOverReason reason) {
    passed_over.emplace_back().set_clinician(clinician);
    passed_over.back().set_reason(reason);
  };
  for (const auto& listed : *list) {
    const v1::PassOverReason obstacle = Obstacle(*listed, request);
    if (obstacle == v1::PASS_OVER_REASON_UNSPECIFIED) {
      searched.push_back(SearchedOf(listed, request.visit_type(), now));
    } else {
      pass_over(listed->clinician.name(), obstacle);
    }
  }
  Response response;
  Finds finds(request, response);
  LUMBAR_RETURN_IF_ERROR(WalkFreeVisits(appointments_, searched, request.patient_state(), window,
                                        [&](const FreeVisit& free) { return finds.Take(free); }));
  for (const Searched& who : searched) {
    const v1::PassOverReason obstacle = finds.Obstacle(who.clinician().name());
    if (obstacle != v1::PASS_OVER_REASON_UNSPECIFIED) pass_over(who.clinician().name(), obstacle);
  }
  AddPassedOver(std::move(passed_over), response);
  LUMBAR_RETURN_IF_ERROR(Describe(request, *list, now, response));
  return response;
}

}  // namespace lumbar::booking
