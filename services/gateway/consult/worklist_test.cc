// Whose consults a clinician, the staff and a patient see.
#include <utility>

#include "common/store/resource_name.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr auto kPatient = options::v1::ROLE_PATIENT, kClinician = options::v1::ROLE_CLINICIAN,
               kStaff = options::v1::ROLE_STAFF;

class WorklistTest : public ConsultDeskTest {
 protected:
  // With Maya.
  std::string BookOne() {
    const auto offered = Request(store::NewUuid());
    const auto booked = Choose(*offered, "patients/17", store::NewUuid());
    booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
    *booking_.appointment.mutable_slot() = booked->chosen_slot();
    return booked->name();
  }
  std::string EscalateOne() {
    const auto slots = std::exchange(booking_.slots, {});
    const std::string name = Request(store::NewUuid())->name();
    booking_.slots = slots;
    return name;
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& subject, options::v1::Role role,
                                                const v1::ListConsultsRequest& request = {}) {
    const auto found = desk_.ListConsults(rpc::TestContext(role, subject, request), request);
    if (!found.ok()) return found.status();
    std::vector<std::string> names;
    for (const auto& consult : found->consults()) names.push_back(consult.name());
    return names;
  }
  static v1::ListConsultsRequest View(v1::ConsultView view, const std::string& clinician = "") {
    v1::ListConsultsRequest request;
    request.set_view(view);
    request.set_clinician(clinician);
    return request;
  }
};

TEST_P(WorklistTest, AClinicianSeesTheConsultsThatTheyHaveAPartInAlone) {
  const std::string booked = BookOne(), waiting = EscalateOne(), offered = Request(store::NewUuid())->name();
  EXPECT_THAT(GetAs(booked, "clinicians/maya", kClinician), IsOk());
  EXPECT_THAT(GetAs(booked, "clinicians/omar", kClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(GetAs(offered, "clinicians/maya", kClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(GetAs(waiting, "clinicians/omar", kClinician), IsOk()) << "they may take it on";
  ASSERT_THAT(Accept(waiting, "clinicians/maya", kClinician), IsOk());
  EXPECT_THAT(GetAs(waiting, "clinicians/maya", kClinician), IsOk());
  EXPECT_THAT(GetAs(waiting, "clinicians/omar", kClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  for (const auto& name : {booked, waiting, offered}) EXPECT_THAT(GetAs(name, "staff/ann", kStaff), IsOk());
}

TEST_P(WorklistTest, AVisitThatWasMovedWithoutTheConsultIsSeenByWhoHasItNow) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.mutable_slot()->set_clinician("clinicians/omar");
  EXPECT_THAT(GetAs(booked.name(), "clinicians/maya", kClinician),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(GetAs(booked.name(), "clinicians/omar", kClinician), IsOk());
  EXPECT_THAT(List("clinicians/omar", kClinician), IsOkAndHolds(ElementsAre(booked.name())));
}

TEST_P(WorklistTest, AClinicianListsTheirOwnWhateverTheyLeaveOut) {
  const std::string booked = BookOne(), waiting = EscalateOne();
  ASSERT_THAT(Request(store::NewUuid()), IsOk());
  EXPECT_THAT(List("clinicians/maya", kClinician), IsOkAndHolds(ElementsAre(booked)));
  EXPECT_THAT(List("clinicians/omar", kClinician), IsOkAndHolds(IsEmpty()));
  ASSERT_THAT(Accept(waiting, "clinicians/maya", kClinician), IsOk());
  EXPECT_THAT(List("clinicians/maya", kClinician), IsOkAndHolds(UnorderedElementsAre(booked, waiting)));
  EXPECT_THAT(List("clinicians/omar", kClinician, View(v1::CONSULT_VIEW_WORKLIST, "clinicians/maya")),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
}

TEST_P(WorklistTest, TheStaffListsAnybodysWorklistAndTheirOwn) {
  const std::string booked = BookOne(), waiting = EscalateOne();
  ASSERT_THAT(Accept(waiting, "staff/ann"), IsOk());
  EXPECT_THAT(List("staff/ann", kStaff, View(v1::CONSULT_VIEW_WORKLIST)), IsOkAndHolds(ElementsAre(waiting)));
  EXPECT_THAT(List("staff/ann", kStaff, View(v1::CONSULT_VIEW_WORKLIST, "clinicians/maya")),
              IsOkAndHolds(ElementsAre(booked)));
  EXPECT_THAT(List("staff/ann", kStaff, View(v1::CONSULT_VIEW_UNSPECIFIED, "clinicians/maya")),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_P(WorklistTest, TheQueueHasWhatWaitsAndNobodyHasTakenOn) {
  const std::string waiting = EscalateOne(), taken = EscalateOne();
  BookOne();
  ASSERT_THAT(Accept(taken, "staff/ann"), IsOk());
  EXPECT_THAT(List("staff/ann", kStaff, View(v1::CONSULT_VIEW_STAFF_QUEUE)), IsOkAndHolds(ElementsAre(waiting)));
  EXPECT_THAT(List("clinicians/omar", kClinician, View(v1::CONSULT_VIEW_STAFF_QUEUE)),
              IsOkAndHolds(ElementsAre(waiting)));
}

TEST_P(WorklistTest, NoViewShowsAPatientAnothersConsult) {
  v1::ListConsultsRequest request = View(v1::CONSULT_VIEW_STAFF_QUEUE);
  EscalateOne();
  // As the pipeline fills it in.
  request.set_patient("patients/18");
  EXPECT_THAT(List("patients/18", kPatient, request), IsOkAndHolds(IsEmpty()));
}

TEST_P(WorklistTest, AWorklistHasNothingThatIsOverUnlessItIsAskedFor) {
  const std::string cancelled = BookOne(), booked = BookOne();
  ASSERT_THAT(Cancel(cancelled), IsOk());
  v1::ListConsultsRequest request = View(v1::CONSULT_VIEW_WORKLIST);
  EXPECT_THAT(List("clinicians/maya", kClinician, request), IsOkAndHolds(ElementsAre(booked)));
  request.add_states(v1::CONSULT_STATE_CANCELLED);
  EXPECT_THAT(List("clinicians/maya", kClinician, request), IsOkAndHolds(ElementsAre(cancelled)));
}

TEST_P(WorklistTest, WhoeverDeclinesHasNoPartInItAnyMore) {
  const std::string booked = BookOne();
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
  *booking_.appointment.mutable_slot() = Stored(booked).chosen_slot();
  ASSERT_THAT(Decline(booked), IsOk());
  EXPECT_THAT(List("clinicians/maya", kClinician), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(GetAs(booked, "clinicians/maya", kClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, WorklistTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
