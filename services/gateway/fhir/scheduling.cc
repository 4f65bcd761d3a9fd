#include "services/gateway/fhir/scheduling.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "services/gateway/edge/derived_id.h"
#include "services/gateway/fhir/appointment.h"
#include "services/gateway/fhir/bundle.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/operation_input.h"
#include "services/gateway/fhir/outcome.h"
#include "services/gateway/fhir/proof.h"
#include "services/gateway/fhir/search.h"
#include "services/gateway/fhir/slot.h"
#include "services/gateway/fhir/wanted.h"

namespace lumbar::gateway::fhir {
namespace {

using consult::v1::Consult;

// So many clinicians are looked through for one of whom a proposal was: 200 on a page.
constexpr int kMostAtOneTime = 200;
constexpr int kMostPages = 10;
constexpr std::array<FieldPath, 5> kFindPaths = {{{"start_time", "http.start"},
                                                  {"end_time", "http.end"},
                                                  {"clinician", "http.practitioner"},
                                                  {"page_size", "http._count"},
                                                  {"page_token", "http._page"}}};
constexpr std::array<FieldPath, 3> kHoldPaths = {
    {{"start_time", "Appointment.start"}, {"clinician", "Appointment.participant.actor"}, {"name", "Appointment.id"}}};

booking::v1::SearchSlotsRequest SlotsFor(const Consult& consult) {
  booking::v1::SearchSlotsRequest wanted;
  wanted.set_patient_state(consult.contact().state());
  wanted.set_patient_age_years(consult.contact().age_years());
  wanted.set_visit_type(std::string(kVisitType));
  return wanted;
}

using WithSlot = std::function<absl::StatusOr<Step>(const booking::v1::Slot&)>;

// The free slot that a proposal meant.
absl::StatusOr<Step> FindProposed(const Consult& consult, const Proposal& proposal, const std::string& page, int pages,
                                  const WithSlot& then) {
  booking::v1::SearchSlotsRequest wanted = SlotsFor(consult);
  *wanted.mutable_start_time() = ToProtoTime(proposal.start);
  *wanted.mutable_end_time() = ToProtoTime(proposal.start);
  wanted.set_page_size(kMostAtOneTime);
  wanted.set_page_token(page);
  return Call<booking::v1::SearchSlotsResponse>(
      kSearchSlots, wanted, {}, [=](const booking::v1::SearchSlotsResponse& response) -> absl::StatusOr<Step> {
        for (const auto& slot : response.slots()) {
          if (SlotId(slot) == proposal.slot_id) return then(slot);
        }
        if (response.next_page_token().empty() || pages == 1) return NoLongerFree();
        return FindProposed(consult, proposal, response.next_page_token(), pages - 1, then);
      });
}

// A time for the patient of a consult.
struct Choice {
  Consult consult;
  std::string clinician;
  google::protobuf::Timestamp start;
};
using WithChoice = std::function<absl::StatusOr<Step>(const Choice&)>;

// Whether it is what the consult was booked with already, or is being. Who called it off, or left it to the staff, has
// none.
bool IsChosen(const Choice& choice) {
  const consult::v1::ConsultState state = choice.consult.state();
  const bool has_time = state == consult::v1::CONSULT_STATE_HELD || state == consult::v1::CONSULT_STATE_BOOKED ||
                        state == consult::v1::CONSULT_STATE_IN_VISIT || state == consult::v1::CONSULT_STATE_COMPLETED;
  const booking::v1::Slot& chosen = choice.consult.chosen_slot();
  return has_time && chosen.clinician() == choice.clinician &&
         FromProto(chosen.start_time()) == FromProto(choice.start);
}

// What a proposal, or who says what is wanted, has chosen. Not for emergencies.
absl::StatusOr<Step> Choosing(const Wanted& wanted, const WithChoice& then) {
  const auto proposal = ReadProposalId(wanted.id);
  const bool is_told = !wanted.clinician.empty();
  if (!is_told && !proposal) return NoSuchResource();
  return WithConsult(is_told ? wanted.consult : IdOf(proposal->consult), {},
                     [=](const Consult& consult) -> absl::StatusOr<Step> {
                       LUMBAR_RETURN_IF_ERROR(CheckNoEmergency(consult));
                       if (is_told) return then({consult, absl::StrCat("clinicians/", wanted.clinician), wanted.start});
                       const booking::v1::Slot& chosen = consult.chosen_slot();
                       if (SlotId(chosen) == proposal->slot_id) {
                         return then({consult, chosen.clinician(), chosen.start_time()});
                       }
                       LUMBAR_RETURN_IF_ERROR(CheckOpen(consult));
                       return FindProposed(consult, *proposal, "", kMostPages, [=](const booking::v1::Slot& slot) {
                         return then({consult, slot.clinician(), slot.start_time()});
                       });
                     });
}

using WithHold = std::function<absl::StatusOr<Step>(const booking::v1::Hold&)>;

absl::StatusOr<Step> Keep(const Choice& choice, const WithHold& then) {
  LUMBAR_RETURN_IF_ERROR(CheckOpen(choice.consult));
  if (FromProto(choice.start) > ActBy(choice.consult)) return AfterActBy();
  return WithProof(choice.consult, [=](const std::string& proof) {
    booking::v1::CreateHoldRequest wanted;
    // Of no use to whoever repeats the request: the proof is another one each time.
    wanted.set_request_id(store::NewUuid());
    wanted.set_patient(choice.consult.patient());
    wanted.set_clinician(choice.clinician);
    wanted.set_visit_type(std::string(kVisitType));
    *wanted.mutable_start_time() = choice.start;
    *wanted.mutable_contact() = choice.consult.contact();
    wanted.set_signed_assessment(proof);
    return Call<booking::v1::CreateHoldResponse>(
        kCreateHold, wanted, kHoldPaths,
        [then](const booking::v1::CreateHoldResponse& response) { return then(response.hold()); });
  });
}

FhirAnswer BookedAnswer(const FhirRequest& request, const booking::v1::Appointment& appointment) {
  FhirAnswer answer;
  answer.resource = SearchSet(request, {Appointment(appointment)}, "");
  answer.version = appointment.etag();
  return answer;
}

// Whether the consult itself offers it, and so can be booked by it.
bool IsOffered(const Choice& choice) {
  const auto& offers = choice.consult.offers();
  return std::any_of(offers.begin(), offers.end(), [&](const booking::v1::Slot& offer) {
    return offer.clinician() == choice.clinician && FromProto(offer.start_time()) == FromProto(choice.start);
  });
}

// Of a consult that a time was chosen for.
absl::StatusOr<Step> ReadBooked(const FhirRequest& request, const Consult& consult) {
  if (consult.appointment().empty()) return StillBooking();
  booking::v1::GetAppointmentRequest wanted;
  wanted.set_name(consult.appointment());
  return Call<booking::v1::GetAppointmentResponse>(kGetAppointment, wanted, kHoldPaths,
                                                   [request](const booking::v1::GetAppointmentResponse& response) {
                                                     return Answered(BookedAnswer(request, response.appointment()));
                                                   });
}

// Books by the consult, which is booked then.
absl::StatusOr<Step> Choose(const FhirRequest& request, const Choice& choice) {
  consult::v1::ChooseSlotRequest wanted;
  wanted.set_request_id(request.request_id);
  wanted.set_name(choice.consult.name());
  wanted.set_clinician(choice.clinician);
  *wanted.mutable_start_time() = choice.start;
  return Call<consult::v1::ChooseSlotResponse>(
      kChooseSlot, wanted, kHoldPaths,
      [request](const consult::v1::ChooseSlotResponse& response) { return ReadBooked(request, response.consult()); });
}

absl::StatusOr<Step> Confirm(const FhirRequest& request, const std::string& hold) {
  booking::v1::ConfirmHoldRequest wanted;
  wanted.set_name(hold);
  wanted.set_request_id(DerivedUuid(absl::StrCat("book ", hold)));
  return Call<booking::v1::ConfirmHoldResponse>(kConfirmHold, wanted, kHoldPaths,
                                                [request](const booking::v1::ConfirmHoldResponse& response) {
                                                  return Answered(BookedAnswer(request, response.appointment()));
                                                });
}

// Until when times may be offered, at the latest.
absl::StatusOr<Window> WindowOf(const OperationInput& input) {
  LUMBAR_ASSIGN_OR_RETURN(const auto start, input.DateTime("start"));
  LUMBAR_ASSIGN_OR_RETURN(const auto end, input.DateTime("end"));
  Window window;
  if (start) window.first = start->first;
  if (end) window.last = end->last;
  return window;
}

// With links that are followed by GET: what a body says of a search is no patient data.
absl::StatusOr<FhirRequest> InUrl(const FhirRequest& request, const OperationInput& input, const std::string& risk,
                                  const std::string& clinician) {
  FhirRequest linked = request;
  if (request.body.is_null()) return linked;
  linked.shown = {{"risk-assessment", absl::StrCat("RiskAssessment/", risk)}};
  const auto show = [&](const char* name, const std::string& value) {
    if (!value.empty()) linked.shown.push_back({name, value});
  };
  if (!clinician.empty()) show("practitioner", absl::StrCat("Practitioner/", clinician));
  for (const char* name : {"start", "end"}) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string text, input.Text(name));
    show(name, text);
  }
  show(kCountParameter, request.Parameter(kCountParameter));
  return linked;
}

absl::StatusOr<Step> Propose(const FhirRequest& request, const Consult& consult,
                             const booking::v1::SearchSlotsResponse& response) {
  std::vector<Json> resources;
  for (const auto& slot : response.slots()) resources.push_back(Proposed(consult, slot));
  FhirAnswer answer;
  answer.resource = SearchSet(request, std::move(resources), response.next_page_token());
  return Answered(std::move(answer));
}

}  // namespace

absl::StatusOr<Step> FindAppointments(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const OperationInput input,
                          OperationInput::Read(request, {"risk-assessment", "start", "end", "practitioner"}));
  LUMBAR_ASSIGN_OR_RETURN(const std::string id, input.Reference("risk-assessment", "RiskAssessment"));
  if (id.empty()) return InvalidField("http.risk-assessment", "must name the RiskAssessment that a visit rests on");
  LUMBAR_ASSIGN_OR_RETURN(const std::string clinician, input.Reference("practitioner", "Practitioner"));
  LUMBAR_ASSIGN_OR_RETURN(const Window asked, WindowOf(input));
  LUMBAR_ASSIGN_OR_RETURN(const int size, PageSize(request));
  LUMBAR_ASSIGN_OR_RETURN(const FhirRequest linked, InUrl(request, input, id, clinician));
  return WithConsult(id, {}, [=](const Consult& consult) -> absl::StatusOr<Step> {
    LUMBAR_RETURN_IF_ERROR(CheckNoEmergency(consult));
    LUMBAR_RETURN_IF_ERROR(CheckOpen(consult));
    Window window = asked;
    if (const absl::Time act_by = ActBy(consult); act_by != absl::InfiniteFuture()) EndBy(act_by, window);
    if (window.IsEmpty() || (window.last && *window.last < linked.now)) return Propose(linked, consult, {});
    booking::v1::SearchSlotsRequest wanted = SlotsFor(consult);
    if (!clinician.empty()) wanted.set_clinician(absl::StrCat("clinicians/", clinician));
    if (window.first) *wanted.mutable_start_time() = ToProtoTime(*window.first);
    if (window.last) *wanted.mutable_end_time() = ToProtoTime(*window.last);
    wanted.set_page_size(size);
    wanted.set_page_token(linked.Parameter(kPageParameter));
    return Call<booking::v1::SearchSlotsResponse>(kSearchSlots, wanted, kFindPaths,
                                                  [linked, consult](const booking::v1::SearchSlotsResponse& response) {
                                                    return Propose(linked, consult, response);
                                                  });
  });
}

absl::StatusOr<Step> HoldAppointment(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Wanted wanted, ReadWanted(request));
  return Choosing(wanted, [request](const Choice& choice) {
    return Keep(choice, [request](const booking::v1::Hold& hold) {
      FhirAnswer answer;
      answer.resource = SearchSet(request, {Appointment(hold)}, "");
      return Answered(std::move(answer));
    });
  });
}

absl::StatusOr<Step> BookAppointment(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Wanted wanted, ReadWanted(request));
  if (wanted.status == "cancelled") {
    return CallOff(request, wanted.id, request.if_match.empty() ? wanted.version : request.if_match);
  }
  if (IsUuid(wanted.id)) return ChangeNotSupported("Appointment");
  if (const auto hold = ReadHeldId(wanted.id)) {
    return IsUuid(IdOf(*hold)) ? Confirm(request, *hold) : NoSuchResource();
  }
  return Choosing(wanted, [request](const Choice& choice) -> absl::StatusOr<Step> {
    if (IsChosen(choice)) return ReadBooked(request, choice.consult);
    LUMBAR_RETURN_IF_ERROR(CheckOpen(choice.consult));
    if (IsOffered(choice)) return Choose(request, choice);
    return Keep(choice, [request](const booking::v1::Hold& hold) { return Confirm(request, hold.name()); });
  });
}

}  // namespace lumbar::gateway::fhir
