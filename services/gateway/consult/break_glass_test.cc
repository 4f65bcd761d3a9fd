// A clinician opens a consult that isn't theirs: to read it, for a reason, for a while, seen by all.
#include <string>
#include <utility>
#include <vector>

#include "common/store/resource_name.h"
#include "services/gateway/consult/domain/access_desk.h"
#include "services/gateway/consult/domain/consult_watch.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using absl::StatusCode;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kOfClinician = options::v1::ROLE_CLINICIAN;
constexpr auto kOfStaff = options::v1::ROLE_STAFF;
constexpr char kOmar[] = "clinicians/omar";
constexpr char kReason[] = "covers for Maya tonight";

class BreakGlassTest : public ConsultDeskTest {
 protected:
  // A consult with Maya, in which Omar has no part.
  std::string Theirs() {
    const auto booked = Choose(*Request(store::NewUuid()), "patients/17", store::NewUuid());
    booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
    *booking_.appointment.mutable_slot() = booked->chosen_slot();
    return booked->name();
  }

  absl::StatusOr<v1::AccessGrant> Break(const std::string& consult, const std::string& subject = kOmar, int minutes = 0,
                                        const std::string& request_id = store::NewUuid(),
                                        const std::string& reason = kReason) {
    v1::BreakGlassRequest request;
    request.set_request_id(request_id);
    request.set_name(consult);
    request.set_reason(reason);
    request.set_lifetime_minutes(minutes);
    auto response = access_.BreakGlass(rpc::TestContext(kOfClinician, subject, request), request);
    if (!response.ok()) return response.status();
    return response->grant();
  }
  absl::StatusOr<v1::AccessGrant> Revoke(const std::string& grant, const std::string& subject, options::v1::Role role) {
    v1::RevokeAccessGrantRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(grant);
    auto response = access_.RevokeAccessGrant(rpc::TestContext(role, subject, request), request);
    if (!response.ok()) return response.status();
    return response->grant();
  }
  v1::ListAccessGrantsResponse List(const v1::ListAccessGrantsRequest& request = {}) {
    return *access_.ListAccessGrants(rpc::TestContext(kOfStaff, "staff/ann", request), request);
  }
  // As what a reading is audited; empty: as any reading.
  std::string EventOfReading(const std::string& consult, const std::string& subject) {
    v1::GetConsultRequest request;
    request.set_name(consult);
    const auto context = rpc::TestContext(kOfClinician, subject, request);
    EXPECT_THAT(desk_.GetConsult(context, request), IsOk());
    return context.audit_event();
  }

  AccessDesk access_{grants_, cases_, clock_};
  ConsultWatch watch_{cases_, grants_, desk_, clock_};
};

TEST_P(BreakGlassTest, OpensTheConsultUntilTheGrantExpires) {
  const std::string theirs = Theirs();
  EXPECT_THAT(GetAs(theirs, kOmar, kOfClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  ASSERT_OK_AND_ASSIGN(const auto grant, Break(theirs));
  EXPECT_EQ(grant.consult(), theirs);
  EXPECT_EQ(grant.holder(), kOmar);
  EXPECT_EQ(grant.reason(), kReason);
  EXPECT_EQ(FromProto(grant.expire_time()) - FromProto(grant.create_time()), absl::Minutes(30));
  ASSERT_OK_AND_ASSIGN(const auto read, GetAs(theirs, kOmar, kOfClinician));
  EXPECT_EQ(read.contact().age_years(), 34);
  clock_.Advance(absl::Minutes(30) - absl::Microseconds(1));
  EXPECT_THAT(GetAs(theirs, kOmar, kOfClinician), IsOk());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(GetAs(theirs, kOmar, kOfClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
}

TEST_P(BreakGlassTest, LastsAsLongAsWasAsked) {
  ASSERT_OK_AND_ASSIGN(const auto grant, Break(Theirs(), kOmar, 5));
  EXPECT_EQ(FromProto(grant.expire_time()) - FromProto(grant.create_time()), absl::Minutes(5));
}

TEST_P(BreakGlassTest, OpensThatConsultAloneToThatClinicianAlone) {
  const std::string opened = Theirs(), other = Theirs();
  ASSERT_THAT(Break(opened), IsOk());
  EXPECT_THAT(GetAs(other, kOmar, kOfClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(GetAs(opened, "clinicians/ines", kOfClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(GetAs(opened, "patients/18", options::v1::ROLE_PATIENT),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  // The subject of a grant in another role has nothing of it.
  EXPECT_THAT(GetAs(opened, kOmar, options::v1::ROLE_PATIENT), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
}

TEST_P(BreakGlassTest, GivesNoRightToChangeAnything) {
  const std::string theirs = Theirs();
  ASSERT_THAT(Break(theirs), IsOk());
  EXPECT_THAT(Decline(theirs, kOmar), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Accept(theirs, kOmar, kOfClinician), FailsWith(StatusCode::kFailedPrecondition, "NOT_ESCALATED"));
}

TEST_P(BreakGlassTest, AuditsEachReadingAsOne) {
  const std::string theirs = Theirs();
  ASSERT_THAT(Break(theirs), IsOk());
  EXPECT_EQ(EventOfReading(theirs, kOmar), "access.use");
  EXPECT_EQ(EventOfReading(theirs, "clinicians/maya"), "") << "it is hers";
}

TEST_P(BreakGlassTest, WantsAReasonAndAConsultThatIsThere) {
  const std::string theirs = Theirs();
  EXPECT_THAT(Break(theirs, kOmar, 0, store::NewUuid(), "           "),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(Break("consults/11111111-0000-4000-8000-000000000000"),
              FailsWith(StatusCode::kNotFound, "CONSULT_NOT_FOUND"));
  EXPECT_THAT(List().grants(), IsEmpty());
}

TEST_P(BreakGlassTest, AnswersARepeatWithTheSameGrant) {
  const std::string theirs = Theirs(), other = Theirs(), id = store::NewUuid();
  ASSERT_OK_AND_ASSIGN(const auto first, Break(theirs, kOmar, 0, id));
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const auto again, Break(theirs, kOmar, 0, id));
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_THAT(List().grants(), SizeIs(1));
  EXPECT_THAT(Break(other, kOmar, 0, id), FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_P(BreakGlassTest, EndsWhenItIsRevoked) {
  const std::string theirs = Theirs();
  ASSERT_OK_AND_ASSIGN(const auto first, Break(theirs));
  EXPECT_THAT(Revoke(first.name(), "clinicians/ines", kOfClinician),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(GetAs(theirs, kOmar, kOfClinician), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto revoked, Revoke(first.name(), "staff/ann", kOfStaff));
  EXPECT_EQ(revoked.revoker(), "staff/ann");
  EXPECT_THAT(GetAs(theirs, kOmar, kOfClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const auto again, Revoke(first.name(), "staff/bob", kOfStaff));
  EXPECT_EQ(again.SerializeAsString(), revoked.SerializeAsString()) << "it is over";
  ASSERT_OK_AND_ASSIGN(const auto own, Break(theirs));
  EXPECT_THAT(Revoke(own.name(), kOmar, kOfClinician), IsOk());
  EXPECT_THAT(GetAs(theirs, kOmar, kOfClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Revoke("accessGrants/11111111-0000-4000-8000-000000000000", "staff/ann", kOfStaff),
              FailsWith(StatusCode::kNotFound, "ACCESS_GRANT_NOT_FOUND"));
}

TEST_P(BreakGlassTest, OpensNoMoreThanTenAtATime) {
  const std::string theirs = Theirs();
  for (int i = 0; i < kMostGrants; ++i) ASSERT_THAT(Break(theirs), IsOk());
  EXPECT_THAT(Break(theirs), FailsWith(StatusCode::kResourceExhausted, "TOO_MANY_GRANTS"));
  EXPECT_THAT(Break(theirs, "clinicians/ines"), IsOk());
  clock_.Advance(kUsualGrant);
  EXPECT_THAT(Break(theirs), IsOk());
}

TEST_P(BreakGlassTest, ShowsGrantsToTheStaffTheNewestFirstOnPages) {
  const std::string one = Theirs(), other = Theirs();
  std::vector<std::string> given;
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {one, kOmar}, {other, kOmar}, {one, "clinicians/ines"}};
  for (const auto& [of, holder] : wanted) {
    given.push_back(Break(of, holder)->name());
    clock_.Advance(absl::Minutes(20));
  }
  v1::ListAccessGrantsRequest request;
  request.set_page_size(2);
  auto page = List(request);
  ASSERT_THAT(page.grants(), SizeIs(2));
  EXPECT_EQ(page.grants(0).name(), given[2]);
  EXPECT_EQ(page.grants(1).name(), given[1]);
  request.set_page_token(page.next_page_token());
  page = List(request);
  ASSERT_THAT(page.grants(), SizeIs(1));
  EXPECT_EQ(page.grants(0).name(), given[0]) << "it is over, and listed all the same";
  EXPECT_EQ(page.next_page_token(), "");
  request.set_holder(kOmar);
  EXPECT_THAT(access_.ListAccessGrants(rpc::TestContext(kOfStaff, "staff/ann", request), request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  request.clear_page_token();
  request.set_consult(one);
  page = List(request);
  ASSERT_THAT(page.grants(), SizeIs(1));
  EXPECT_EQ(page.grants(0).name(), given[0]);
}

TEST_P(BreakGlassTest, EndsAStreamWithTheGrant) {
  const std::string theirs = Theirs();
  ASSERT_THAT(Break(theirs), IsOk());
  v1::WatchConsultRequest request;
  request.set_name(theirs);
  const auto context = rpc::TestContext(kOfClinician, kOmar, request);
  ASSERT_OK_AND_ASSIGN(const auto source, watch_.WatchConsult(context, request));
  EXPECT_EQ(context.audit_event(), "access.use");
  v1::WatchConsultResponse response;
  EXPECT_THAT(source->Next(response), IsOkAndHolds(true));
  clock_.Advance(kUsualGrant);
  ASSERT_THAT(Cancel(theirs), IsOk());
  absl::StatusOr<bool> next = true;
  while (next.ok() && *next) next = source->Next(response);
  EXPECT_THAT(next, FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
}

TEST_P(BreakGlassTest, EndsAStreamOfOnesOwnThatWouldGoOnByAGrant) {
  const std::string theirs = Theirs();
  const std::string maya = cases_.Find(theirs)->consult.chosen_slot().clinician();
  ASSERT_THAT(Break(theirs, maya), IsOk());
  v1::WatchConsultRequest request;
  request.set_name(theirs);
  const auto context = rpc::TestContext(kOfClinician, maya, request);
  ASSERT_OK_AND_ASSIGN(const auto source, watch_.WatchConsult(context, request));
  EXPECT_EQ(context.audit_event(), "") << "her own";
  v1::WatchConsultResponse response;
  EXPECT_THAT(source->Next(response), IsOkAndHolds(true));
  clock_.Advance(absl::Seconds(1));
  ASSERT_THAT(Decline(theirs), IsOk());
  absl::StatusOr<bool> next = true;
  while (next.ok() && *next) next = source->Next(response);
  EXPECT_THAT(next, FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS")) << "opened again it is audited as a use";
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, BreakGlassTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
