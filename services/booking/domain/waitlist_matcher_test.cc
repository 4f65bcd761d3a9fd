// Who gets a time that came free, and what becomes of the offer.
#include "services/booking/domain/waitlist_matcher.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>
#include <thread>

#include "services/booking/testing/waitlist_fixture.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using testing::IsEmpty;
using testing::SizeIs;

class WaitlistMatcherTest : public WaitlistFixture {
 protected:
  // Those who have an offer among `names`.
  std::vector<std::string> Offerees(const std::vector<std::string>& names) {
    std::vector<std::string> found;
    for (const auto& name : names) {
      if (Entry(name).state() == v1::WAITLIST_STATE_OFFERED) found.push_back(name);
    }
    return found;
  }
  // Several replicas match at once.
  void MatchFromEverywhere(int replicas = 4) {
    std::vector<std::thread> threads;
    for (int i = 0; i < replicas; ++i) {
      threads.emplace_back([&] {
        WaitlistMatcher matcher(clinicians_, appointments_, queue_, clock_, [] {});
        Match(matcher);
      });
    }
    for (auto& thread : threads) thread.join();
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, WaitlistMatcherTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(WaitlistMatcherTest, OffersATimeThatIsFreeAlready) {
  const std::string name = Wait(Wish());
  Match();
  const v1::WaitlistEntry entry = Entry(name);
  EXPECT_EQ(entry.state(), v1::WAITLIST_STATE_OFFERED);
  EXPECT_EQ(FromProto(entry.offer().slot().start_time()), nine_);
  EXPECT_EQ(FromProto(entry.offer().expire_time()), clock_.Now() + absl::Minutes(15));
  EXPECT_EQ(offers_, 1);
}

TEST_P(WaitlistMatcherTest, OffersOneFreedTimeToTheMostUrgentOf64) {
  const v1::Appointment booked = BookRare(nine_);
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) {
    names.push_back(Wait(Wish(absl::StrCat("patients/", i), i == 40 || i == 50 ? "CONSULTATION_24" : "CONSULTATION")));
    clock_.Advance(absl::Milliseconds(1));
  }
  Match();
  EXPECT_THAT(Offerees(names), IsEmpty());
  CancelRare(booked);
  MatchFromEverywhere();
  EXPECT_THAT(Offerees(names), testing::ElementsAre(names[40])) << "urgent, and there before the other";
}

TEST_P(WaitlistMatcherTest, GoesByLevelThenActByThenWhoCameFirst) {
  const v1::Appointment booked = BookRare(nine_);
  std::vector<std::string> names;
  const auto wait = [&](const std::string& level, absl::Duration act_by) {
    const std::string patient = absl::StrCat("patients/", names.size());
    auth::AssessmentClaims claims = Claims(level);
    claims.patient = patient;
    claims.act_by = At("2026-03-02T08:00:00-05:00") + act_by;
    auto request = Wish(patient);
    request.set_signed_assessment(Sign(claims));
    names.push_back(Wait(request));
    clock_.Advance(absl::Seconds(1));
  };
  wait("SELF_CARE", absl::Hours(1));
  wait("CONSULTATION", absl::Hours(48));
  wait("CONSULTATION", absl::Hours(24));
  wait("CONSULTATION", absl::Hours(24));
  wait("CONSULTATION_24", absl::Hours(72));
  CancelRare(booked);
  for (const int turn : {4, 2, 3, 1, 0}) {
    Match();
    ASSERT_THAT(Offerees(names), testing::ElementsAre(names[static_cast<size_t>(turn)]));
    ASSERT_THAT(Decline(names[static_cast<size_t>(turn)], absl::StrCat("patients/", turn)), IsOk());
  }
  Match();
  EXPECT_THAT(Offerees(names), IsEmpty()) << "everybody let it pass";
}

TEST_P(WaitlistMatcherTest, KeepsAnOfferedTimeFromEverybodyElse) {
  const std::string name = Wait(Wish());
  Match();
  EXPECT_THAT(Create(WantedRare(nine_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  clock_.Advance(absl::Minutes(15) - absl::Microseconds(1));
  EXPECT_THAT(Create(WantedRare(nine_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(Create(WantedRare(nine_)), IsOk());
  EXPECT_THAT(Accept(name), FailsWith(StatusCode::kFailedPrecondition, "OFFER_EXPIRED"));
}

TEST_P(WaitlistMatcherTest, MakesAnAcceptedOfferAHoldThatCanBeConfirmed) {
  const std::string name = Wait(Wish());
  Match();
  clock_.Advance(absl::Minutes(15) - absl::Microseconds(1));
  ASSERT_OK_AND_ASSIGN(const auto accepted, Accept(name));
  EXPECT_EQ(accepted.entry().state(), v1::WAITLIST_STATE_ACCEPTED);
  EXPECT_EQ(FromProto(accepted.hold().expire_time()), clock_.Now() + absl::Minutes(10));
  EXPECT_THAT(Accept(name), FailsWith(StatusCode::kFailedPrecondition, "NOT_WAITING")) << "once";
  clock_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_THAT(Create(WantedRare(nine_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  ASSERT_OK_AND_ASSIGN(const auto booked, Confirm(accepted.hold().name()));
  EXPECT_EQ(FromProto(booked.appointment().slot().start_time()), nine_);
  EXPECT_EQ(booked.appointment().level(), triage::v1::LEVEL_CONSULTATION);
}

TEST_P(WaitlistMatcherTest, NeverTakesBackWhatAnOfferPromised) {
  const std::string name = Wait(Wish());
  Match();
  ASSERT_OK_AND_ASSIGN(const auto accepted, Accept(name));
  EXPECT_EQ(FromProto(accepted.hold().expire_time()), clock_.Now() + absl::Minutes(15));
}

TEST_P(WaitlistMatcherTest, TakesAConfirmedHoldForAnAcceptedOffer) {
  const std::string name = Wait(Wish());
  Match();
  ASSERT_THAT(Confirm(Entry(name).offer().hold()), IsOk());
  EXPECT_EQ(Entry(name).state(), v1::WAITLIST_STATE_ACCEPTED);
  clock_.Advance(absl::Hours(1));
  Match();
  EXPECT_EQ(Entry(name).state(), v1::WAITLIST_STATE_ACCEPTED);
}

TEST_P(WaitlistMatcherTest, TakesAReleasedHoldForADeclinedOffer) {
  const std::string name = Wait(Wish());
  clock_.Advance(absl::Seconds(1));
  const std::string next = Wait(Wish("patients/18"));
  Match();
  ASSERT_THAT(Release(Entry(name).offer().hold()), IsOk());
  EXPECT_EQ(Entry(name).state(), v1::WAITLIST_STATE_WAITING);
  Match();
  EXPECT_THAT(Offerees({name, next}), testing::ElementsAre(next));
}

TEST_P(WaitlistMatcherTest, OffersATimeToTheNextWhenNobodyAnswersOrThePatientLeaves) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back(Wait(Wish(absl::StrCat("patients/", i))));
    clock_.Advance(absl::Seconds(1));
  }
  Match();
  ASSERT_THAT(Offerees(names), testing::ElementsAre(names[0]));
  clock_.Advance(absl::Minutes(15));
  MatchFromEverywhere();
  ASSERT_THAT(Offerees(names), testing::ElementsAre(names[1]));
  EXPECT_EQ(Entry(names[0]).unanswered_offers(), 1);
  ASSERT_THAT(Leave(names[1], "patients/1"), IsOk());
  Match();
  EXPECT_THAT(Offerees(names), testing::ElementsAre(names[2]));
}

TEST_P(WaitlistMatcherTest, OffersTheTimeOfAHoldThatRanOut) {
  ASSERT_THAT(Create(WantedRare(nine_)), IsOk());
  const std::string name = Wait(Wish());
  Match();
  ASSERT_THAT(Offerees({name}), IsEmpty());
  clock_.Advance(absl::Minutes(10));
  Match();
  EXPECT_THAT(Offerees({name}), SizeIs(1));
}

TEST_P(WaitlistMatcherTest, OffersTheTimeThatAMovedVisitLeft) {
  const v1::Appointment booked = BookRare(nine_);
  const std::string name = Wait(Wish());
  Match();
  v1::RescheduleAppointmentRequest move;
  move.set_request_id(store::NewUuid());
  move.set_name(booked.name());
  *move.mutable_start_time() = ToProtoTime(At("2026-03-09T09:00:00-04:00"));
  ASSERT_THAT(
      visits_->RescheduleAppointment(rpc::TestContext(options::v1::ROLE_PATIENT, "patients/booker", move), move),
      IsOk());
  Match();
  EXPECT_THAT(Offerees({name}), SizeIs(1));
}

TEST_P(WaitlistMatcherTest, OffersNewHours) {
  auto wish = Wish();
  *wish.mutable_earliest_time() = ToProtoTime(nine_ + absl::Hours(2));
  const std::string name = Wait(wish);
  Match();
  ASSERT_THAT(Offerees({name}), IsEmpty());
  v1::UpdateClinicianRequest update;
  update.set_request_id(store::NewUuid());
  update.set_name(kRareClinician);
  *update.mutable_clinician() = RareClinician();
  *update.mutable_clinician()->add_weekly_hours() = Hours(google::type::MONDAY, 13, 14);
  ASSERT_THAT(roster_.UpdateClinician(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", update), update), IsOk());
  Match();
  ASSERT_THAT(Offerees({name}), SizeIs(1));
  EXPECT_EQ(FromProto(Entry(name).offer().slot().start_time()), nine_ + absl::Hours(4));
}

TEST_P(WaitlistMatcherTest, NeverRelaxesTheRulesOfAHold) {
  std::vector<std::string> names;
  const auto wait = [&](const std::function<void(v1::JoinWaitlistRequest&)>& bend) {
    auto request = Wish(absl::StrCat("patients/", names.size()));
    bend(request);
    names.push_back(Wait(request));
  };
  wait([](auto& request) { request.mutable_contact()->set_state("NJ"); });
  wait([](auto& request) { request.mutable_contact()->set_age_years(12); });
  wait([](auto& request) { request.set_language_code("es"); });
  wait([](auto& request) { request.set_visit_type("other-visit"); });
  wait([&](auto& request) { *request.mutable_latest_time() = ToProtoTime(nine_ - absl::Microseconds(1)); });
  wait([&](auto& request) { *request.mutable_earliest_time() = ToProtoTime(nine_ + absl::Microseconds(1)); });
  wait([&](auto& request) {
    auth::AssessmentClaims claims = Claims("CONSULTATION_24");
    claims.patient = request.patient();
    claims.act_by = nine_ - absl::Microseconds(1);
    request.set_signed_assessment(Sign(claims));
  });
  Match();
  EXPECT_THAT(Offerees(names), IsEmpty());
  names.push_back(Wait(Wish()));
  Match();
  EXPECT_THAT(Offerees(names), testing::ElementsAre(names.back())) << "behind those whose wishes nobody can meet";
}

TEST_P(WaitlistMatcherTest, OffersNothingThatBeginsTooSoonToReadOfIt) {
  clock_.Set(nine_ - kLeastNotice + absl::Microseconds(1));
  const std::string late = Wait(Wish());
  Match();
  EXPECT_THAT(Offerees({late}), IsEmpty());
  clock_.Set(nine_ - kLeastNotice);
  const std::string just = Wait(Wish("patients/18"));
  Match();
  ASSERT_THAT(Offerees({late, just}), SizeIs(1));
  const v1::WaitlistEntry lucky = Entry(Offerees({late, just}).front());
  EXPECT_EQ(FromProto(lucky.offer().expire_time()), clock_.Now() + kLeastNotice / 2);
}

TEST_P(WaitlistMatcherTest, GivesAPersonOneOfferAtATime) {
  const std::string usual = Wait(Wish());
  auto wish = Wish();
  wish.set_visit_type("long-visit");
  wish.clear_clinicians();
  const std::string longer = Wait(wish);
  MatchFromEverywhere();
  const auto offerees = Offerees({usual, longer});
  ASSERT_THAT(offerees, SizeIs(1));
  ASSERT_THAT(Decline(offerees[0]), IsOk());
  clock_.Advance(kLookPeriod);
  MatchFromEverywhere();
  EXPECT_THAT(Offerees({usual, longer}), SizeIs(1));
}

TEST_P(WaitlistMatcherTest, LetsWhoNeverAnswersWaitNoLonger) {
  auto wish = Wish();
  wish.clear_clinicians();
  const std::string name = Wait(wish);
  for (int i = 0; i < kMostUnanswered; ++i) {
    Match();
    ASSERT_THAT(Offerees({name}), SizeIs(1));
    EXPECT_EQ(Entry(name).passed_slots_size(), i);
    clock_.Advance(absl::Minutes(15));
  }
  Match();
  EXPECT_EQ(Entry(name).state(), v1::WAITLIST_STATE_EXPIRED);
}

TEST_P(WaitlistMatcherTest, TellsOfEachOfferOnceInTheTransactionThatMakesIt) {
  const std::string name = Wait(Wish());
  Match();
  Match();
  const auto events = Events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_FALSE(events[0].has_appointment());
  EXPECT_EQ(events[0].waitlist_entry().SerializeAsString(), Entry(name).SerializeAsString());
}

TEST_P(WaitlistMatcherTest, LosesNothingWhenEveryProcessDies) {
  const v1::Appointment booked = BookRare(nine_);
  const std::string first = Wait(Wish());
  clock_.Advance(absl::Seconds(1));
  const std::string second = Wait(Wish("patients/18"));
  Match();
  CancelRare(booked);
  // Another process, which knows only what is on the disk.
  const auto reopened = Open();
  SqlClinicianStore clinicians(*reopened, clock_);
  SqlAppointmentStore appointments(*reopened, clock_);
  SqlWaitlistQueue queue(*reopened, clock_);
  {
    WaitlistMatcher matcher(clinicians, appointments, queue, clock_, [] {});
    Match(matcher);
    ASSERT_THAT(Offerees({first, second}), testing::ElementsAre(first));
  }
  clock_.Advance(absl::Minutes(15));
  WaitlistMatcher matcher(clinicians, appointments, queue, clock_, [] {});
  Match(matcher);
  EXPECT_THAT(Offerees({first, second}), testing::ElementsAre(second));
}

TEST_P(WaitlistMatcherTest, GoesOnBesideAnEntryThatNobodyCanRead) {
  const std::string damaged = Wait(Wish("patients/18", "CONSULTATION_24")), name = Wait(Wish());
  ASSERT_THAT(database_->Write([&](soci::session& session) {
    session << "UPDATE waitlist SET body = '}', due_time = 0 WHERE name = :name", soci::use(damaged);
    return absl::OkStatus();
  }),
              IsOk());
  Match();
  EXPECT_THAT(Offerees({name}), SizeIs(1));
}

TEST_P(WaitlistMatcherTest, LetsOneOfAllAnswersCount) {
  for (int round = 0; round < 8; ++round) {
    const std::string name = Wait(Wish());
    Match();
    const v1::WaitlistEntry entry = Entry(name);
    ASSERT_EQ(entry.state(), v1::WAITLIST_STATE_OFFERED);
    std::atomic<int> kept = 0, given_back = 0;
    std::vector<std::thread> answers;
    answers.emplace_back([&] { kept += Accept(name).ok(); });
    answers.emplace_back([&] { given_back += Decline(name).ok(); });
    answers.emplace_back([&] { given_back += Decline(name).ok(); });
    answers.emplace_back([&] { kept += Accept(name).ok(); });
    answers.emplace_back([&] { Match(); });
    for (auto& answer : answers) answer.join();
    ASSERT_EQ(kept + given_back, 1);
    const auto hold = appointments_.GetHold(entry.offer().hold());
    ASSERT_THAT(hold, IsOk());
    EXPECT_EQ(hold->state(), kept == 1 ? v1::HOLD_STATE_ACTIVE : v1::HOLD_STATE_RELEASED);
    EXPECT_EQ(Entry(name).state(), kept == 1 ? v1::WAITLIST_STATE_ACCEPTED : v1::WAITLIST_STATE_WAITING);
    if (kept == 1) {
      ASSERT_THAT(Release(hold->name()), IsOk());
    } else {
      ASSERT_THAT(Leave(name), IsOk());
    }
  }
}

TEST_P(WaitlistMatcherTest, GivesEachTimeOfAStormOfCancellationsToOnePerson) {
  // Everything on this Monday is booked.
  std::vector<v1::Appointment> booked;
  for (int i = 0; i < 12; ++i) {
    auto request = WantedRare(nine_ + i * absl::Minutes(40));
    request.set_clinician(kClinician);
    const auto hold = Create(request);
    ASSERT_THAT(hold, IsOk());
    booked.push_back(Confirm(hold->hold().name(), "patients/booker")->appointment());
  }
  std::vector<std::string> names;
  for (int i = 0; i < 24; ++i) {
    auto wish = Wish(absl::StrCat("patients/", i));
    wish.set_clinicians(0, kClinician);
    *wish.mutable_latest_time() = ToProtoTime(nine_ + absl::Hours(9));
    names.push_back(Wait(wish));
  }
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < booked.size(); i += 4) CancelRare(booked[i]);
    });
    threads.emplace_back([&] {
      WaitlistMatcher matcher(clinicians_, appointments_, queue_, clock_, [] {});
      for (int i = 0; i < 5; ++i) Match(matcher);
    });
  }
  for (auto& thread : threads) thread.join();
  Match();
  const auto offerees = Offerees(names);
  EXPECT_THAT(offerees, SizeIs(12));
  std::set<int64_t> times;
  for (const auto& name : offerees) times.insert(Entry(name).offer().slot().start_time().seconds());
  EXPECT_THAT(times, SizeIs(12));
}

}  // namespace
}  // namespace lumbar::booking
