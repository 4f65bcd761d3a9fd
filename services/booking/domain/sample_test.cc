// The sample clinicians that the demo loads: each keeps the rules, and together they leave nobody waiting for a day.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <vector>

#include "common/status/matchers.h"
#include "common/validation/validator.h"
#include "services/booking/domain/clinician_rules.h"
#include "services/booking/domain/eligibility.h"
#include "services/booking/testing/samples.h"
#include "source_dir.h"

namespace lumbar::booking {
namespace {

std::vector<v1::CreateClinicianRequest> Samples() {
  std::ifstream file(LUMBAR_SOURCE_DIR "/services/booking/sample/clinicians.json");
  std::vector<v1::CreateClinicianRequest> samples;
  for (const auto& sample : nlohmann::json::parse(file)) {
    const auto parsed = google::protobuf::util::JsonStringToMessage(sample.dump(), &samples.emplace_back());
    EXPECT_TRUE(parsed.ok()) << parsed.ToString();
  }
  return samples;
}

bool HasSlot(const v1::Clinician& clinician, absl::string_view state, absl::Time from) {
  const v1::VisitType& type = *FindVisitType(clinician, kVisit);
  for (const Interval& visit : Schedule::Of(clinician, type)->Visits(from, from + absl::Hours(23))) {
    if (CheckScope(clinician, {state, 44}, kVisit).ok() && CheckLicences(clinician, state, visit).ok()) return true;
  }
  return false;
}

TEST(SampleTest, EveryClinicianKeepsTheRules) {
  const auto samples = Samples();
  EXPECT_GE(samples.size(), 5u);
  ASSERT_OK_AND_ASSIGN(const auto contract, validation::Validator::Create({v1::CreateClinicianRequest::descriptor()}));
  for (const auto& sample : samples) {
    EXPECT_THAT(contract->Validate(sample), IsOk()) << sample.clinician_id();
    EXPECT_THAT(CheckClinician(sample.clinician()), IsOk()) << sample.clinician_id();
  }
}

TEST(SampleTest, AnAdultInAnyStateFindsASlotWithinADay) {
  const auto samples = Samples();
  const absl::Time monday = At("2026-03-02T00:00:00Z");
  for (const absl::string_view state : {"AK", "CA", "DC", "HI", "NY", "TX", "WY"}) {
    for (absl::Time from = monday; from < monday + absl::Hours(24 * 7); from += absl::Hours(3)) {
      const bool found = std::any_of(samples.begin(), samples.end(),
                                     [&](const auto& sample) { return HasSlot(sample.clinician(), state, from); });
      EXPECT_TRUE(found) << state << " from " << from;
    }
  }
}

}  // namespace
}  // namespace lumbar::booking
