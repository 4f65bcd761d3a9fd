#include "services/gateway/consult/store/sql_consult_store.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/status/matchers.h"
#include "common/store/idempotency.h"
#include "common/store/page_token.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/store/consult_list.h"

namespace lumbar::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
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

  // Takes down what `change` makes of a new one; returns its name.
  std::string Add(absl::FunctionRef<void(consult::v1::Consult&)> change) {
    Case made = NewCase();
    change(made.consult);
    EXPECT_THAT(cases_->Create(Key(store::NewUuid()), made), IsOk());
    return made.consult.name();
  }
  std::string AddUrgent(absl::Duration act_within,
                        consult::v1::ConsultState state = consult::v1::CONSULT_STATE_OFFERED) {
    return Add([&](consult::v1::Consult& consult) {
      consult.set_state(state);
      *consult.mutable_assessment()->mutable_act_by_time() = ToProtoTime(clock_.Now() + act_within);
    });
  }
  std::string AddEscalated(absl::Duration act_within, absl::Duration respond_within) {
    return Add([&](consult::v1::Consult& consult) {
      consult.set_state(consult::v1::CONSULT_STATE_ESCALATED);
      *consult.mutable_assessment()->mutable_act_by_time() = ToProtoTime(clock_.Now() + act_within);
      *consult.mutable_respond_by_time() = ToProtoTime(clock_.Now() + respond_within);
    });
  }
  std::vector<std::string> ListAll(ConsultQuery query) {
    std::vector<std::string> names;
    do {
      const auto page = cases_->List(query);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return names;
      for (const auto& consult : page->consults()) names.push_back(consult.name());
      query.page_token = page->next_page_token();
    } while (!query.page_token.empty());
    return names;
  }

  // How SQLite goes about it.
  std::string PlanOf(const std::string& sql) {
    std::string plan;
    EXPECT_THAT(database_->Read([&](soci::session& session) -> absl::Status {
      soci::rowset<soci::row> rows = (session.prepare << "EXPLAIN QUERY PLAN " << sql);
      for (const auto& row : rows) absl::StrAppend(&plan, row.get<std::string>(3), "\n");
      return absl::OkStatus();
    }),
                IsOk());
    return plan;
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
  std::vector<std::string> names = ListAll({.patient = "patients/17", .page_size = 2});
  EXPECT_THAT(names, SizeIs(5));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST_P(ConsultStoreTest, ListsWhatIsMostUrgentFirst) {
  const std::string late = AddUrgent(absl::Hours(50)), soon = AddUrgent(absl::Hours(5));
  const std::string never = Add([](auto& consult) { consult.mutable_assessment(); });
  const std::string unknown = Add([](auto&) {});
  const std::string waiting = AddEscalated(absl::Hours(20), absl::Hours(2));
  const std::string overdue = AddEscalated(absl::Hours(30), absl::Minutes(30));
  const std::string longest = AddEscalated(absl::Hours(40), absl::Minutes(10));
  AddUrgent(absl::Hours(1), consult::v1::CONSULT_STATE_CANCELLED);
  clock_.Advance(absl::Hours(1));
  for (const int size : {1, 2, 3, 200}) {
    const ConsultQuery query{.open = true, .by_urgency = true, .page_size = size};
    EXPECT_THAT(ListAll(query), ElementsAre(longest, overdue, unknown, soon, waiting, late, never)) << size;
  }
}

TEST_P(ConsultStoreTest, PutsWhatIsOverLastWhereItIsAskedFor) {
  const std::string over = AddUrgent(absl::Hours(1), consult::v1::CONSULT_STATE_COMPLETED);
  const std::string open = AddUrgent(absl::Hours(50));
  EXPECT_THAT(ListAll({.by_urgency = true}), ElementsAre(open, over));
}

TEST_P(ConsultStoreTest, PagesByUrgencyThoughTimePassesAndConsultsChange) {
  const std::string first = AddUrgent(absl::Hours(5)), second = AddEscalated(absl::Hours(6), absl::Hours(1));
  const std::string third = AddUrgent(absl::Hours(7));
  ConsultQuery query{.by_urgency = true, .page_size = 1};
  ASSERT_OK_AND_ASSIGN(auto page, cases_->List(query));
  EXPECT_EQ(page.consults(0).name(), first);
  // Were it judged by this time, the second would come before the first now, and on no page.
  clock_.Advance(absl::Hours(2));
  AddUrgent(absl::Minutes(1));
  query.page_token = page.next_page_token();
  query.page_size = 10;
  EXPECT_THAT(ListAll(query), ElementsAre(second, third));
  query.open = true;
  EXPECT_THAT(cases_->List(query), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(ConsultStoreTest, RefusesAPageTokenOfAPlaceThatNoListHas) {
  const std::string token = store::EncodePageToken("0|7|0|consults/1", "consults|||000|");
  EXPECT_THAT(cases_->List({.page_size = 1, .page_token = token}),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(ConsultStoreTest, ListsWhatSomebodyLooksAfterInSeveralStates) {
  const auto add = [&](const std::string& clinician, const std::string& handler, consult::v1::ConsultState state) {
    return Add([&](consult::v1::Consult& consult) {
      consult.mutable_chosen_slot()->set_clinician(clinician);
      *consult.mutable_chosen_slot()->mutable_end_time() = ToProtoTime(clock_.Now() + absl::Hours(1));
      consult.set_handler(handler);
      consult.set_state(state);
    });
  };
  const std::string booked = add("clinicians/maya", "", consult::v1::CONSULT_STATE_BOOKED);
  const std::string taken = add("clinicians/omar", "clinicians/maya", consult::v1::CONSULT_STATE_ESCALATED);
  const std::string others = add("clinicians/maya", "staff/ann", consult::v1::CONSULT_STATE_ESCALATED);
  const std::string over = add("clinicians/maya", "", consult::v1::CONSULT_STATE_COMPLETED);
  const auto maya = [&](std::vector<consult::v1::ConsultState> states, bool open) {
    std::vector<std::string> names = ListAll({.worker = "clinicians/maya", .states = std::move(states), .open = open});
    return std::set<std::string>(names.begin(), names.end());
  };
  EXPECT_THAT(maya({}, false), testing::UnorderedElementsAre(booked, taken, over));
  EXPECT_THAT(maya({consult::v1::CONSULT_STATE_BOOKED}, false), ElementsAre(booked));
  EXPECT_THAT(maya({consult::v1::CONSULT_STATE_HELD, consult::v1::CONSULT_STATE_ESCALATED}, false), ElementsAre(taken));
  EXPECT_THAT(maya({}, true), testing::UnorderedElementsAre(booked, taken));
}

TEST_P(ConsultStoreTest, QueuesWhatNobodyHasTakenOn) {
  const std::string waiting = AddEscalated(absl::Hours(5), absl::Hours(1));
  const std::string taken = AddEscalated(absl::Hours(5), absl::Hours(1));
  AddUrgent(absl::Hours(5));
  ASSERT_OK_AND_ASSIGN(Case found, cases_->Find(taken));
  found.consult.clear_respond_by_time();
  found.consult.set_handler("staff/ann");
  ASSERT_THAT(cases_->Save(found), IsOk());
  for (const bool by_urgency : {false, true}) {
    EXPECT_THAT(ListAll({.queue = true, .by_urgency = by_urgency}), ElementsAre(waiting));
  }
}

TEST_P(ConsultStoreTest, FillsInWhatAnOlderVersionWroteWithout) {
  const std::string soon = AddUrgent(absl::Hours(5)), late = AddUrgent(absl::Hours(50));
  ASSERT_THAT(database_->Write([](soci::session& session) -> absl::Status {
    session << "UPDATE consult SET urgency = 0, worker = '', respond_by = 0, due_time = 0, listed_version = -1";
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(cases_->FillInOlder(1), IsOkAndHolds(1));
  EXPECT_THAT(cases_->FillInOlder(10), IsOkAndHolds(1));
  EXPECT_THAT(cases_->FillInOlder(10), IsOkAndHolds(0));
  EXPECT_THAT(ListAll({.by_urgency = true}), ElementsAre(soon, late));
}

// SQLite says how it goes about a query, and needs no rows for that.
TEST_P(ConsultStoreTest, ReadsNoListByGoingThroughAllConsults) {
  if (database_->engine_name() != "sqlite") return;
  const std::vector<ConsultQuery> lists = {{.patient = "patients/17"},
                                           {.worker = "clinicians/maya"},
                                           {.worker = "clinicians/maya", .open = true},
                                           {.queue = true},
                                           {.states = {consult::v1::CONSULT_STATE_ESCALATED}}};
  for (ConsultQuery query : lists) {
    for (const bool by_urgency : {false, true}) {
      query.by_urgency = by_urgency;
      for (const std::string& sql : ListStatements(query)) EXPECT_THAT(PlanOf(sql), Not(HasSubstr("SCAN"))) << sql;
    }
  }
  // Everybody's: along the index that has their order, but for the names of one microsecond.
  for (const bool by_urgency : {false, true}) {
    for (const std::string& sql : ListStatements({.by_urgency = by_urgency})) {
      EXPECT_THAT(PlanOf(sql), Not(HasSubstr("B-TREE FOR ORDER BY"))) << sql;
    }
  }
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

TEST_P(ConsultStoreTest, LeasesWhatHasComeToItsEndTheLongestAgoFirst) {
  const auto offered = [&](absl::Duration in) {
    return Add([&](consult::v1::Consult& consult) {
      consult.set_state(consult::v1::CONSULT_STATE_OFFERED);
      *consult.add_offers()->mutable_start_time() = ToProtoTime(clock_.Now() + in);
    });
  };
  const std::string later = offered(absl::Hours(2)), first = offered(absl::Hours(1));
  offered(absl::Hours(9));
  const auto claim = [&] {
    std::vector<std::string> names;
    const auto claimed = cases_->ClaimDue(clock_.Now(), clock_.Now() + absl::Seconds(15), 10);
    for (const Case& one : *claimed) names.push_back(one.consult.name());
    return names;
  };
  EXPECT_THAT(claim(), ElementsAre());
  clock_.Advance(absl::Hours(3));
  EXPECT_THAT(claim(), ElementsAre(first, later));
  EXPECT_THAT(claim(), ElementsAre()) << "they are leased";
  clock_.Advance(absl::Seconds(16));
  EXPECT_THAT(claim(), ElementsAre(first, later));
}

TEST_P(ConsultStoreTest, LeavesOutACaseThatCantBeReadAndLeasesTheOthers) {
  const Case damaged = NewCase();
  ASSERT_THAT(cases_->Create(Key("a"), damaged), IsOk());
  clock_.Advance(absl::Seconds(1));
  const Case sound = NewCase();
  ASSERT_THAT(cases_->Create(Key("b"), sound), IsOk());
  ASSERT_THAT(database_->Write([&](soci::session& session) {
    session << "UPDATE consult SET message = '{', due_time = 1, listed_version = 0 WHERE name = :name",
        soci::use(damaged.consult.name());
    session << "UPDATE consult SET due_time = 2, listed_version = 0 WHERE name = :name",
        soci::use(sound.consult.name());
    return absl::OkStatus();
  }),
              IsOk());
  clock_.Advance(absl::Seconds(16));
  const auto unfinished = [&] { return cases_->ClaimUnfinished(clock_.Now(), clock_.Now() + absl::Seconds(15), 1); };
  EXPECT_THAT(unfinished(), IsOkAndHolds(SizeIs(0)));
  ASSERT_OK_AND_ASSIGN(const std::vector<Case> next, unfinished());
  ASSERT_THAT(next, SizeIs(1)) << "the oldest is out of the way";
  EXPECT_EQ(next[0].consult.name(), sound.consult.name());
  EXPECT_THAT(cases_->FillInOlder(10), IsOkAndHolds(0)) << "the claim has filled in the sound one";

  clock_.Advance(absl::Seconds(16));
  const auto due = [&] { return cases_->ClaimDue(clock_.Now(), clock_.Now() + absl::Seconds(15), 1); };
  ASSERT_THAT(database_->Write([&](soci::session& session) {
    session << "UPDATE consult SET due_time = 2, listed_version = 0 WHERE name = :name",
        soci::use(sound.consult.name());
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(due(), IsOkAndHolds(SizeIs(0)));
  EXPECT_THAT(due(), IsOkAndHolds(SizeIs(1)));
}

TEST_P(ConsultStoreTest, KnowsWhenWhatCanBeSeenChangedLast) {
  const std::string name = AddUrgent(absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(Case found, cases_->Find(name));
  found.lease_end = clock_.Now() + absl::Hours(1);
  ASSERT_OK_AND_ASSIGN(found, cases_->Save(found));
  EXPECT_EQ(cases_->Find(name)->change_version, 0) << "a lease can't be seen";
  found.consult.set_handler("staff/ann");
  ASSERT_OK_AND_ASSIGN(found, cases_->Save(found));
  EXPECT_EQ(found.version, 2);
  EXPECT_EQ(cases_->Find(name)->change_version, 2);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ConsultStoreTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
