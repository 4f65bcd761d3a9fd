// A consult desk on a real database, between services that a test scripts.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/store/idempotency.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/consult_desk.h"
#include "services/gateway/consult/store/sql_access_grants.h"
#include "services/gateway/consult/store/sql_consult_store.h"
#include "services/gateway/consult/testing/upstreams.h"

namespace lumbar::gateway {

class ConsultDeskTest : public store::EngineTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(database_->Migrate({store::IdempotencyMigrations(), ConsultMigrations()}, clock_), IsOk());
    sample_.set_patient("patients/17");
    sample_.mutable_contact()->set_state("CA");
    sample_.mutable_contact()->set_age_years(34);
    auto& assessment = triage_.assessment;
    assessment.set_level(triage::v1::LEVEL_CONSULTATION);
    assessment.set_virtual_visit_fits(true);
    assessment.set_headline("See a clinician this week.");
    assessment.set_signed_assessment("proof");
    *assessment.mutable_act_by_time() = ToProtoTime(clock_.Now() + absl::Hours(24 * 7));
    for (int hours : {2, 3, 4, 200}) AddSlot("clinicians/maya", hours);
    AddSlot("clinicians/omar", 5);
  }

  void AddSlot(const std::string& clinician, int hours) {
    auto& slot = booking_.slots.emplace_back();
    slot.set_clinician(clinician);
    slot.set_visit_type("virtual-back-pain");
    *slot.mutable_start_time() = ToProtoTime(clock_.Now() + absl::Hours(hours));
  }

  absl::StatusOr<consult::v1::Consult> Request(const std::string& request_id = "11111111-0000-4000-8000-000000000000") {
    consult::v1::RequestConsultRequest request = sample_;
    request.set_request_id(request_id);
    return Send(rpc::TestContext(options::v1::ROLE_PATIENT, "patients/17", request), request);
  }

  absl::StatusOr<consult::v1::Consult> Send(const rpc::CallContext& context,
                                            const consult::v1::RequestConsultRequest& request) {
    auto response = desk_.RequestConsult(context, request);
    if (!response.ok()) return response.status();
    return response->consult();
  }

  absl::StatusOr<consult::v1::Consult> Booked() {
    auto consult = Request();
    if (!consult.ok()) return consult;
    return Choose(*consult);
  }

  absl::StatusOr<consult::v1::Consult> Cancel(const std::string& name) {
    consult::v1::CancelConsultRequest request;
    request.set_request_id("33333333-0000-4000-8000-000000000000");
    request.set_name(name);
    auto response = desk_.CancelConsult(rpc::TestContext(options::v1::ROLE_PATIENT, "patients/17", request), request);
    if (!response.ok()) return response.status();
    return response->consult();
  }

  absl::StatusOr<consult::v1::Consult> Accept(const std::string& name, const std::string& subject,
                                              options::v1::Role role = options::v1::ROLE_STAFF,
                                              const std::string& request_id = store::NewUuid()) {
    consult::v1::AcceptConsultRequest request;
    request.set_request_id(request_id);
    request.set_name(name);
    auto response = desk_.AcceptConsult(rpc::TestContext(role, subject, request), request);
    if (!response.ok()) return response.status();
    return response->consult();
  }

  // Booking has the visit as it was booked.
  absl::StatusOr<consult::v1::Consult> BookedAsBookingHasIt() {
    auto booked = Booked();
    if (!booked.ok()) return booked;
    booking_.appointment.set_name(booked->appointment());
    booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
    booking_.appointment.set_etag("as-booked");
    *booking_.appointment.mutable_slot() = booked->chosen_slot();
    return booked;
  }

  absl::StatusOr<consult::v1::Consult> Decline(const std::string& name,
                                               const std::string& clinician = "clinicians/maya",
                                               const std::string& request_id = store::NewUuid()) {
    consult::v1::DeclineConsultRequest request;
    request.set_request_id(request_id);
    request.set_name(name);
    request.set_reason("on leave");
    const auto context = rpc::TestContext(options::v1::ROLE_CLINICIAN, clinician, request);
    auto response = desk_.DeclineConsult(context, request);
    if (!response.ok()) return response.status();
    return response->consult();
  }

  // What was left behind goes on now.
  void Resume() {
    clock_.Advance(kLease + absl::Seconds(1));
    EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
  }

  absl::StatusOr<consult::v1::Consult> GetAs(const std::string& name, const std::string& subject,
                                             options::v1::Role role) {
    consult::v1::GetConsultRequest request;
    request.set_name(name);
    auto response = desk_.GetConsult(rpc::TestContext(role, subject, request), request);
    if (!response.ok()) return response.status();
    return response->consult();
  }

  absl::StatusOr<consult::v1::Consult> Get(const std::string& name) {
    return GetAs(name, "patients/17", options::v1::ROLE_PATIENT);
  }

  absl::StatusOr<consult::v1::Consult> Choose(const consult::v1::Consult& consult,
                                              const std::string& patient = "patients/17",
                                              const std::string& request_id = "22222222-0000-4000-8000-000000000000") {
    consult::v1::ChooseSlotRequest request;
    request.set_request_id(request_id);
    request.set_name(consult.name());
    request.set_clinician(booking_.slots[0].clinician());
    *request.mutable_start_time() = booking_.slots[0].start_time();
    auto response = desk_.ChooseSlot(rpc::TestContext(options::v1::ROLE_PATIENT, patient, request), request);
    if (!response.ok()) return response.status();
    return response->consult();
  }

  consult::v1::Consult Stored(const std::string& name) { return cases_.Find(name)->consult; }

  FakeClock clock_{absl::Now()};
  std::unique_ptr<store::Database> database_ = Open();
  consult::v1::RequestConsultRequest sample_;
  SqlConsultStore cases_{*database_, clock_};
  SqlAccessGrants grants_{*database_, clock_};
  ScriptedTriage triage_;
  ScriptedBooking booking_;
  ScriptedReading reading_;
  ScriptedAlerts alerts_;
  Saga saga_{cases_, triage_, booking_, reading_, alerts_, clock_};
  ConsultDesk desk_{cases_, grants_, saga_, booking_, clock_};
};

}  // namespace lumbar::gateway
