// What every store of preferences promises, on every engine.
#include "services/notification/store/sql_preference_store.h"

#include <gmock/gmock.h>

#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/zone.h"
#include "common/time/zone_testing.h"
#include "services/notification/domain/preference_desk.h"
#include "services/notification/store/migrations.h"
#include "services/notification/store/sql_conversation_store.h"
#include "services/notification/testing/opting_out.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;

constexpr char kAda[] = "patients/ada", kNumber[] = "+12125550123";

class PreferenceStoreTest : public store::EngineTest {
 protected:
  void SetUp() override { ASSERT_THAT(MigrateNotification(*database_, clock_), IsOk()); }

  absl::StatusOr<v1::UpdatePreferencesResponse> Update(const v1::UpdatePreferencesRequest& request) {
    return desk_.UpdatePreferences(rpc::TestContext(options::v1::ROLE_PATIENT, kAda, request), request);
  }
  static v1::UpdatePreferencesRequest InSpanishByText() {
    v1::UpdatePreferencesRequest request;
    request.set_request_id(store::NewUuid());
    request.set_patient(kAda);
    request.mutable_preferences()->set_language_code("es");
    request.mutable_preferences()->add_channels(v1::CHANNEL_SMS);
    return request;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  const std::unique_ptr<store::Database> database_ = Open();
  SqlPreferenceStore preferences_{*database_, clock_};
  SqlConversationStore conversations_{*database_, clock_};
  PreferenceDesk desk_{preferences_};
};

TEST_P(PreferenceStoreTest, KeepsWhatAPatientWants) {
  EXPECT_EQ(preferences_.Get(kAda)->ByteSizeLong(), 0u);
  auto request = InSpanishByText();
  ASSERT_THAT(Update(request), IsOk());
  v1::GetPreferencesRequest get;
  get.set_patient(kAda);
  ASSERT_OK_AND_ASSIGN(const auto got,
                       desk_.GetPreferences(rpc::TestContext(options::v1::ROLE_PATIENT, kAda, get), get));
  EXPECT_EQ(got.preferences().language_code(), "es");
  EXPECT_EQ(preferences_.Get("patients/bob")->ByteSizeLong(), 0u);
}

TEST_P(PreferenceStoreTest, ARepeatedUpdateChangesNothing) {
  const auto first = InSpanishByText();
  auto later = InSpanishByText();
  later.mutable_preferences()->set_language_code("en");
  ASSERT_THAT(Update(first), IsOk());
  ASSERT_THAT(Update(later), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto repeat, Update(first));
  EXPECT_EQ(repeat.preferences().language_code(), "es");
  EXPECT_EQ(preferences_.Get(kAda)->language_code(), "en");
}

TEST_P(PreferenceStoreTest, OpensNoFileForAZoneThatThereIsNot) {
  const ZoneRecorder recorder;
  auto request = InSpanishByText();
  for (const char* zone : kNoZones) {
    request.mutable_preferences()->set_time_zone(zone);
    EXPECT_THAT(Update(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD")) << zone;
  }
  EXPECT_THAT(recorder.opened(), testing::IsEmpty());
}

TEST_P(PreferenceStoreTest, TakesEveryZoneUnderEveryNameOfIts) {
  for (const std::string& name : ZoneNames()) {
    auto request = InSpanishByText();
    request.mutable_preferences()->set_time_zone(name);
    EXPECT_THAT(Update(request), IsOk()) << name;
  }
}

TEST_P(PreferenceStoreTest, RefusesAnHourThatThereIsNot) {
  auto request = InSpanishByText();
  request.mutable_preferences()->mutable_quiet_hours()->mutable_start()->set_hours(24);
  EXPECT_THAT(Update(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_P(PreferenceStoreTest, ANumbersOptOutHoldsForWhoeverHasItUntilItOptsIn) {
  ASSERT_THAT(SetOptedOut(conversations_, kNumber, true), IsOk());
  ASSERT_THAT(SetOptedOut(conversations_, kNumber, true), IsOk());
  for (const char* patient : {kAda, "patients/bob", ""}) {
    EXPECT_TRUE(IsOptedOut(*preferences_.WishesOf(patient, kNumber), v1::CHANNEL_SMS));
    EXPECT_FALSE(IsOptedOut(*preferences_.WishesOf(patient, kNumber), v1::CHANNEL_EMAIL));
  }
  EXPECT_TRUE(preferences_.WishesOf(kAda, "+1 (212) 555-0123")->number_opted_out) << "however booking writes it";
  EXPECT_FALSE(preferences_.WishesOf(kAda, "+12125550124")->number_opted_out);
  ASSERT_THAT(SetOptedOut(conversations_, kNumber, false), IsOk());
  EXPECT_FALSE(preferences_.WishesOf(kAda, kNumber)->number_opted_out);
}

TEST_P(PreferenceStoreTest, TellsAllWishesAtOnce) {
  ASSERT_THAT(Update(InSpanishByText()), IsOk());
  ASSERT_THAT(SetOptedOut(conversations_, kNumber, true), IsOk());
  ASSERT_OK_AND_ASSIGN(const Wishes wishes, preferences_.WishesOf(kAda, kNumber));
  EXPECT_EQ(wishes.preferences.language_code(), "es");
  EXPECT_TRUE(wishes.number_opted_out);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, PreferenceStoreTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
