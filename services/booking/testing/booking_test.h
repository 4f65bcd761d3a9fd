// The whole of booking below the wire, over every engine: real stores, real signatures, a clock that tests move.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/auth/assessment_token.h"
#include "common/auth/test_issuer.h"
#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/roster.h"
#include "services/booking/domain/scheduler.h"
#include "services/booking/domain/visits.h"
#include "services/booking/store/migrations.h"
#include "services/booking/store/outbox_table.h"
#include "services/booking/store/sql_appointment_store.h"
#include "services/booking/store/sql_clinician_store.h"
#include "services/booking/testing/samples.h"

namespace lumbar::booking {

// It is Monday, 2 March 2026, 08:00 in New York; SampleClinician is there, and her first slot begins at 09:00.
class BookingTest : public store::EngineTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(MigrateBooking(*database_, clock_), IsOk());
    ASSERT_THAT(auth::GenerateKey("triage-1", private_path_, jwks_path_), IsOk());
    ASSERT_OK_AND_ASSIGN(keys_, auth::FollowedKeys::OfFile(jwks_path_, clock_));
    verifier_ = std::make_unique<auth::AssessmentVerifier>(*keys_, clock_, absl::Hours(24 * 14));
    scheduler_ = std::make_unique<Scheduler>(clinicians_, appointments_, *verifier_, clock_, [this] { ++changes_; });
    visits_ = std::make_unique<Visits>(clinicians_, appointments_, *verifier_, clock_, absl::Hours(24), rooms(),
                                       [this] { ++changes_; });
    ASSERT_THAT(Add(SampleClinician()), IsOk());
  }

  // Null: nobody joins.
  virtual const VideoRooms* rooms() const { return nullptr; }

  absl::StatusOr<v1::CreateClinicianResponse> Add(const v1::Clinician& clinician) {
    const auto request = CreateRequest(clinician);
    return roster_.CreateClinician(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request);
  }

  // What triage found about kPatient: to be seen within five days, good for two.
  auth::AssessmentClaims Claims(std::string level = "CONSULTATION") const {
    return {.patient = kPatient,
            .level = std::move(level),
            .act_by = clock_.Now() + absl::Hours(24 * 5),
            .findings_sha256 = std::string(64, 'a'),
            .rules_sha256 = std::string(64, 'b'),
            .protocol = "protocols/low-back-pain",
            .issued_at = clock_.Now(),
            .expires_at = clock_.Now() + absl::Hours(48)};
  }

  std::string Sign(const auth::AssessmentClaims& claims) const {
    return *auth::AssessmentSigner(*auth::Signer::Open(private_path_, "triage-1")).Sign(claims);
  }

  // HoldRequest with an assessment.
  v1::CreateHoldRequest Wanted(absl::Time start) const {
    auto request = HoldRequest(start);
    request.set_signed_assessment(Sign(Claims()));
    return request;
  }

  absl::StatusOr<v1::CreateHoldResponse> Create(const v1::CreateHoldRequest& request,
                                                options::v1::Role role = options::v1::ROLE_PATIENT) {
    return scheduler_->CreateHold(rpc::TestContext(role, request.patient(), request), request);
  }
  // Holds `start` with an assessment and returns the hold's name, or "" if that failed.
  std::string Hold(absl::Time start) {
    const auto response = Create(Wanted(start));
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->hold().name() : "";
  }
  absl::StatusOr<v1::ConfirmHoldResponse> Confirm(const std::string& hold, std::string subject = kPatient) {
    v1::ConfirmHoldRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(hold);
    return scheduler_->ConfirmHold(rpc::TestContext(options::v1::ROLE_PATIENT, std::move(subject), request), request);
  }
  absl::StatusOr<v1::ReleaseHoldResponse> Release(const std::string& hold, std::string subject = kPatient) {
    v1::ReleaseHoldRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(hold);
    return scheduler_->ReleaseHold(rpc::TestContext(options::v1::ROLE_PATIENT, std::move(subject), request), request);
  }
  absl::StatusOr<v1::CancelAppointmentResponse> Cancel(const std::string& name, const std::string& etag = "",
                                                       std::string subject = kPatient) {
    v1::CancelAppointmentRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(name);
    request.set_etag(etag);
    const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, std::move(subject), request);
    return visits_->CancelAppointment(context, request);
  }
  v1::Appointment Book(absl::Time start) {
    const auto response = Confirm(Hold(start));
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->appointment() : v1::Appointment();
  }
  absl::StatusOr<v1::GetAppointmentResponse> Get(const std::string& name, std::string subject = kPatient) {
    v1::GetAppointmentRequest request;
    request.set_name(name);
    return visits_->GetAppointment(rpc::TestContext(options::v1::ROLE_PATIENT, std::move(subject), request), request);
  }
  // Every event that waits, taken out of the outbox.
  std::vector<v1::AppointmentEvent> Events() {
    std::vector<v1::AppointmentEvent> events;
    while (true) {
      const auto claimed = outbox_.Claim(100, absl::Minutes(1));
      EXPECT_THAT(claimed, IsOk());
      if (!claimed.ok() || claimed->empty()) return events;
      for (const auto& event : *claimed) {
        events.push_back(event.event);
        EXPECT_THAT(outbox_.MarkDelivered(event), IsOk());
      }
    }
  }
  absl::StatusOr<v1::SearchSlotsResponse> Search(const v1::SearchSlotsRequest& request) {
    return scheduler_->SearchSlots(rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, request), request);
  }

  const absl::Time nine_ = At("2026-03-02T09:00:00-05:00");
  FakeClock clock_{nine_ - absl::Hours(1)};
  const std::unique_ptr<store::Database> database_ = Open();
  SqlClinicianStore clinicians_{*database_, clock_};
  SqlAppointmentStore appointments_{*database_, clock_};
  SqlOutbox outbox_{*database_, clock_};
  Roster roster_{clinicians_};
  const std::string private_path_ = auth::TemporaryPath("triage.pem");
  const std::string jwks_path_ = auth::TemporaryPath("triage.json");
  std::unique_ptr<auth::FollowedKeys> keys_;
  std::unique_ptr<auth::AssessmentVerifier> verifier_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Visits> visits_;
  std::atomic<int> changes_ = 0;
};

}  // namespace lumbar::booking
