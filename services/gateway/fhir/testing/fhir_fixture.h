// The edge's handler with the facade, over an upstream that a test scripts.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <sstream>
#include <string>

#include "common/status/matchers.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "services/gateway/edge/edge_handler.h"
#include "services/gateway/edge/testing.h"
#include "services/gateway/fhir/fhir_facade.h"
#include "services/gateway/fhir/interactions.h"
#include "services/gateway/fhir/testing/scripted_upstream.h"

namespace lumbar::gateway::fhir {

inline constexpr char kConsultId[] = "11111111-2222-4333-8444-555555555555";
inline constexpr char kVisitId[] = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
inline constexpr char kFhirBase[] = "http://clinic.example/fhir/R4";

class FhirTest : public ::testing::Test {
 protected:
  FhirTest() { InitLoggingTo(log_, "gateway", LogLevel::kInfo); }

  static HttpRequest Request(http::verb method, absl::string_view path, const std::string& body = "") {
    const std::string target = absl::StrCat(kFacadePath, "/", path);
    HttpRequest request(method, View(absl::string_view(target)), 11);
    request.set(http::field::host, "clinic.example");
    request.set(http::field::authorization, "Bearer t");
    if (!body.empty()) request.set(http::field::content_type, "application/fhir+json");
    request.body() = body;
    return request;
  }

  HttpAnswer Ask(const HttpRequest& request) {
    HttpAnswer answer;
    int answers = 0;
    handler_.Handle(request, Visitor(), [&](HttpAnswer given, const std::shared_ptr<BodySource>&) {
      answer = std::move(given);
      ++answers;
    });
    EXPECT_EQ(answers, 1);
    return answer;
  }
  HttpAnswer Get(absl::string_view path) { return Ask(Request(http::verb::get, path)); }
  HttpAnswer Post(absl::string_view path, const Json& body) {
    return Ask(Request(http::verb::post, path, body.dump()));
  }

  // Of an answer that is a refusal: "SLOT_TAKEN conflict Appointment.start".
  static std::string IssueIn(const HttpAnswer& answer) {
    const Json outcome = Json::parse(answer.body());
    EXPECT_EQ(outcome["resourceType"], "OperationOutcome");
    const Json& issue = outcome["issue"][0];
    EXPECT_GT(issue["details"]["text"].get<std::string>().size(), 5u);
    const auto coding = issue["details"].find("coding");
    return absl::StrCat(coding == issue["details"].end() ? "-" : (*coding)[0]["code"].get<std::string>(), " ",
                        issue["code"].get<std::string>(),
                        issue.contains("expression") ? " " + issue["expression"][0].get<std::string>() : "");
  }

  booking::v1::Slot SlotAt(absl::Duration later, const std::string& clinician = "clinicians/maya-chen") const {
    booking::v1::Slot slot;
    slot.set_clinician(clinician);
    slot.set_visit_type("virtual-back-pain");
    *slot.mutable_start_time() = ToProtoTime(clock_.Now() + later);
    *slot.mutable_end_time() = ToProtoTime(clock_.Now() + later + absl::Minutes(20));
    return slot;
  }

  // Of somebody who must be seen within two days.
  consult::v1::Consult SoreBack() const {
    consult::v1::Consult consult;
    consult.set_name(absl::StrCat("consults/", kConsultId));
    consult.set_patient("patients/alex");
    consult.set_state(consult::v1::CONSULT_STATE_OFFERED);
    consult.mutable_contact()->set_display_name("SECRET");
    consult.mutable_contact()->set_state("CA");
    consult.mutable_contact()->set_age_years(34);
    consult.mutable_presentation()->set_pain_severity(5);
    auto& assessment = *consult.mutable_assessment();
    assessment.set_level(triage::v1::LEVEL_CONSULTATION);
    assessment.set_virtual_visit_fits(true);
    *assessment.mutable_act_by_time() = ToProtoTime(clock_.Now() + absl::Hours(48));
    return consult;
  }

  std::ostringstream log_;
  // 2026-12-01T12:00:00Z.
  FakeClock clock_{absl::FromUnixSeconds(1796126400)};
  ScriptedUpstream upstream_;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  ExchangeRecorder recorder_{registry_, clock_, clock_};
  Admission admission_;
  std::unique_ptr<FhirFacade> facade_ = *FhirFacade::Create({}, Limits(), clock_, clock_);
  EdgeHandler handler_{*RouteTable::Build(AllServices()),
                       upstream_,
                       admission_,
                       [] { return true; },
                       Limits(),
                       recorder_,
                       Cors(),
                       {},
                       facade_.get()};
};

}  // namespace lumbar::gateway::fhir
