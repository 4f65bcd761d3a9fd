// Booking with a waitlist, and a clinician who has one time a week.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/booking/domain/waitlist.h"
#include "services/booking/domain/waitlist_matcher.h"
#include "services/booking/store/sql_waitlist_queue.h"
#include "services/booking/store/sql_waitlist_store.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {

inline constexpr char kRareClinician[] = "clinicians/rare";

class WaitlistFixture : public BookingTest {
 protected:
  void SetUp() override {
    BookingTest::SetUp();
    waitlist_ = std::make_unique<Waitlist>(
        clinicians_, places_, *verifier_, clock_, [] {}, kHoldLifetime);
    ASSERT_THAT(Add(RareClinician()), IsOk());
  }

  // Works on Mondays from 09:00 to 10:00, which is one kVisit.
  static v1::Clinician RareClinician() {
    v1::Clinician clinician = SampleClinician();
    clinician.set_name(kRareClinician);
    clinician.clear_weekly_hours();
    *clinician.add_weekly_hours() = Hours(google::type::MONDAY, 9, 10);
    return clinician;
  }

  // Wants kVisit with RareClinician within the next twelve hours.
  v1::JoinWaitlistRequest Wish(const std::string& patient = kPatient, const std::string& level = "CONSULTATION") const {
    auth::AssessmentClaims claims = Claims(level);
    claims.patient = patient;
    v1::JoinWaitlistRequest request;
    request.set_request_id(store::NewUuid());
    request.set_patient(patient);
    request.set_visit_type(kVisit);
    request.set_signed_assessment(Sign(claims));
    *request.mutable_contact() = HoldRequest(nine_).contact();
    request.add_clinicians(kRareClinician);
    *request.mutable_latest_time() = ToProtoTime(clock_.Now() + absl::Hours(12));
    return request;
  }

  absl::StatusOr<v1::JoinWaitlistResponse> Join(const v1::JoinWaitlistRequest& request) {
    return waitlist_->JoinWaitlist(rpc::TestContext(options::v1::ROLE_PATIENT, request.patient(), request), request);
  }
  // The name of a new entry, or "" if that failed.
  std::string Wait(const v1::JoinWaitlistRequest& request) {
    const auto response = Join(request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->name() : "";
  }
  v1::WaitlistEntry Entry(const std::string& name) {
    const auto entry = places_.Get(name);
    EXPECT_THAT(entry, IsOk());
    return entry.value_or(v1::WaitlistEntry());
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Do(absl::StatusOr<Response> (Waitlist::*method)(const rpc::CallContext&, const Request&),
                              const std::string& name, const std::string& subject, const std::string& etag = "") {
    Request request;
    request.set_request_id(store::NewUuid());
    request.set_name(name);
    request.set_etag(etag);
    return ((*waitlist_).*method)(rpc::TestContext(options::v1::ROLE_PATIENT, subject, request), request);
  }
  auto Accept(const std::string& name, const std::string& subject = kPatient) {
    return Do(&Waitlist::AcceptOffer, name, subject);
  }
  auto Decline(const std::string& name, const std::string& subject = kPatient) {
    return Do(&Waitlist::DeclineOffer, name, subject);
  }
  auto Leave(const std::string& name, const std::string& subject = kPatient) {
    return Do(&Waitlist::LeaveWaitlist, name, subject);
  }

  v1::CreateHoldRequest WantedRare(absl::Time start, const std::string& patient = "patients/booker") const {
    auth::AssessmentClaims claims = Claims("SELF_CARE");
    claims.patient = patient;
    auto request = HoldRequest(start);
    request.set_patient(patient);
    request.set_clinician(kRareClinician);
    request.set_signed_assessment(Sign(claims));
    return request;
  }
  // Books the rare time for somebody else.
  v1::Appointment BookRare(absl::Time start) {
    const auto hold = Create(WantedRare(start));
    EXPECT_THAT(hold, IsOk());
    const auto booked = Confirm(hold->hold().name(), "patients/booker");
    EXPECT_THAT(booked, IsOk());
    return booked->appointment();
  }
  void CancelRare(const v1::Appointment& booked) { EXPECT_THAT(Cancel(booked.name(), "", "patients/booker"), IsOk()); }

  void Match() { Match(matcher_); }
  static void Match(WaitlistMatcher& matcher) {
    while (matcher.RunBatch()) continue;
  }

  SqlWaitlistStore places_{*database_, clock_};
  SqlWaitlistQueue queue_{*database_, clock_};
  std::atomic<int> offers_ = 0;
  WaitlistMatcher matcher_{clinicians_, appointments_, queue_, clock_, [this] { ++offers_; }};
  std::unique_ptr<Waitlist> waitlist_;
};

}  // namespace lumbar::booking
