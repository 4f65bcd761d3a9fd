#include "services/gateway/consult/store/sql_consult_store.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "common/store/idempotency.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/proto_time.h"

namespace lumbar::gateway {
namespace {

using consult::v1::ListConsultsRequest;
using testing::SizeIs;

// What every ConsultStore promises, on every engine.
class ConsultStoreTest : public store::EngineTest {
 protected:
  void SetUp() override {
    database_ = Open();
    ASSERT_THAT(database_->Migrate({store::IdempotencyMigrations(), ConsultMigrations()}, clock_), IsOk());
    cases_ = std::make_unique<SqlConsultStore>(*database_, clock_);
  }

  Case NewCase(const std::string& patient = "patients/17",
               consult::v1::ConsultState state = consult::v1::CONSULT_STATE_TRIAGED) {
    Case made;
    made.consult.set_name(store::NewName("consults"));
    made.consult.set_patient(patient);
    made.consult.set_state(state);
    *made.consult.mutable_create_time() = ToProtoTime(clock_.Now());
    made.signed_assessment = "proof";
    made.lease_end = clock_.Now() + absl::Seconds(15);
    return made;
  }
  store::Mutation Key(const std::string& request_id, const std::string& body = "body") {
    return {"patients/17", "method", request_id, body};
  }

  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<SqlConsultStore> cases_;
};

TEST_P(ConsultStoreTest, FindsWhatItTookDown) {
  const Case wanted = NewCase();
  ASSERT_THAT(cases_->Create(Key("a"), wanted), IsOk());
  ASSERT_OK_AND_ASSIGN(const Case found, cases_->Find(wanted.consult.name()));
  EXPECT_EQ(found.consult.patient(), "patients/17");
  EXPECT_EQ(found.signed_assessment, "proof");
  EXPECT_EQ(found.lease_end, wanted.lease_end);
}

TEST_P(ConsultStoreTest, SaysWhenThereIsNone) {
  EXPECT_THAT(cases_->Find("consults/none"), FailsWith(absl::StatusCode::kNotFound, "CONSULT_NOT_FOUND"));
}

TEST_P(ConsultStoreTest, TakesARepeatedRequestDownOnce) {
  ASSERT_OK_AND_ASSIGN(const Case first, cases_->Create(Key("a"), NewCase()));
  ASSERT_OK_AND_ASSIGN(const Case again, cases_->Create(Key("a"), NewCase()));
  EXPECT_EQ(again.consult.name(), first.consult.name());
  ASSERT_OK_AND_ASSIGN(const Case found, cases_->FindRequested(Key("a")));
  EXPECT_EQ(found.consult.name(), first.consult.name());
  EXPECT_THAT(cases_->Create(Key("a", "another body"), NewCase()),
              FailsWith(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_P(ConsultStoreTest, AskingForARequestDoesNotTakeIt) {
  EXPECT_THAT(cases_->FindRequested(Key("a")), FailsWith(absl::StatusCode::kNotFound, "CONSULT_NOT_FOUND"));
  EXPECT_THAT(cases_->Create(Key("a"), NewCase()), IsOk());
}

TEST_P(ConsultStoreTest, RefusesASaveOfAnOlderVersion) {
  ASSERT_OK_AND_ASSIGN(const Case read, cases_->Create(Key("a"), NewCase()));
  ASSERT_THAT(cases_->Save(read), IsOk());
  EXPECT_THAT(cases_->Save(read), FailsWith(absl::StatusCode::kAborted, "CHANGED_MEANWHILE"));
}

TEST_P(ConsultStoreTest, AppliesAChangeOnceForEachRequest) {
  ASSERT_OK_AND_ASSIGN(const Case read, cases_->Create(Key("a"), NewCase()));
  int applied = 0;
  const auto count = [&](Case&) { return ++applied, absl::OkStatus(); };
  ASSERT_THAT(cases_->Change(Key("b"), read.consult.name(), count), IsOk());
  ASSERT_OK_AND_ASSIGN(const Case again, cases_->Change(Key("b"), read.consult.name(), count));
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(again.version, read.version + 1);
}

TEST_P(ConsultStoreTest, KeepsNothingOfAChangeThatFails) {
  ASSERT_OK_AND_ASSIGN(const Case read, cases_->Create(Key("a"), NewCase()));
  const auto fail = [](Case& changed) {
    changed.consult.set_state(consult::v1::CONSULT_STATE_BOOKED);
    return absl::FailedPreconditionError("no");
  };
  ASSERT_FALSE(cases_->Change(Key("b"), read.consult.name(), fail).ok());
  ASSERT_OK_AND_ASSIGN(const Case found, cases_->Find(read.consult.name()));
  EXPECT_EQ(found.consult.state(), consult::v1::CONSULT_STATE_TRIAGED);
}

TEST_P(ConsultStoreTest, PagesThroughOnePatientsConsultsNewestFirst) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(cases_->Create(Key(absl::StrCat("a", i)), NewCase()), IsOk());
    // Two of the same microsecond.
    if (i != 2) clock_.Advance(absl::Seconds(1));
  }
  ASSERT_THAT(cases_->Create(Key("b"), NewCase("patients/18")), IsOk());
  ListConsultsRequest request;
  request.set_patient("patients/17");
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, cases_->List(request));
    for (const auto& consult : page.consults()) names.push_back(consult.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, SizeIs(5));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST_P(ConsultStoreTest, LeasesAnUnfinishedCaseToOneResumerAtATime) {
  ASSERT_THAT(cases_->Create(Key("a"), NewCase()), IsOk());
  ASSERT_THAT(cases_->Create(Key("b"), NewCase("patients/17", consult::v1::CONSULT_STATE_OFFERED)), IsOk());
  const auto claim = [&] { return cases_->ClaimUnfinished(clock_.Now(), clock_.Now() + absl::Seconds(15), 10); };
  EXPECT_THAT(claim(), IsOkAndHolds(SizeIs(0)));
  clock_.Advance(absl::Seconds(16));
  EXPECT_THAT(claim(), IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(claim(), IsOkAndHolds(SizeIs(0)));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ConsultStoreTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
