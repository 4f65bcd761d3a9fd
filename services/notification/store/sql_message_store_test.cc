// What every message store promises, on every engine.
#include "services/notification/store/sql_message_store.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "common/concurrency/mutex.h"
#include "common/status/matchers.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/proto_time.h"
#include "services/notification/store/migrations.h"
#include "services/notification/testing/samples.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr absl::Duration kTestLease = absl::Minutes(2);

class MessageStoreTest : public store::EngineTest {
 protected:
  void SetUp() override { ASSERT_THAT(MigrateNotification(*database_, clock_), IsOk()); }

  absl::StatusOr<Recorded> Record(const booking::v1::Appointment& appointment) {
    return Record(appointment, store::NewUuid());
  }
  absl::StatusOr<Recorded> Record(const booking::v1::Appointment& appointment, const std::string& event_id) {
    const store::Mutation mutation{"services/booking", "RecordAppointmentEvent", event_id,
                                   appointment.ShortDebugString()};
    return messages_.Record(mutation, appointment, PlanFor(appointment, clock_.Now()));
  }
  ClaimedMessage ClaimOne() {
    auto claimed = messages_.Claim(1, kTestLease);
    EXPECT_THAT(claimed, IsOkAndHolds(SizeIs(1)));
    return claimed->front();
  }
  std::vector<v1::Message> All() { return messages_.List({"", {}, {}, 1000}).value(); }
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    for (const v1::Message& message : All()) {
      told.push_back(v1::MessageKind_Name(message.kind()).substr(13) + " " +
                     v1::MessageState_Name(message.state()).substr(14) + " " + message.reason());
    }
    return told;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  const std::unique_ptr<store::Database> database_ = Open();
  SqlMessageStore messages_{*database_, clock_};
  const booking::v1::Appointment booked_ = SampleAppointment(clock_.Now() + absl::Hours(72));
  const booking::v1::Appointment cancelled_ = NextVersion(booked_, booking::v1::APPOINTMENT_STATE_CANCELLED);
};

TEST_P(MessageStoreTest, QueuesThePlanAndReadsItBack) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record(booked_));
  ASSERT_THAT(recorded.response.messages(), SizeIs(3));
  ASSERT_OK_AND_ASSIGN(const v1::Message reminder, messages_.Get(recorded.response.messages(1)));
  EXPECT_EQ(reminder.appointment(), booked_.name());
  EXPECT_EQ(reminder.appointment_version(), 1);
  EXPECT_EQ(reminder.kind(), v1::MESSAGE_KIND_REMINDER_24H);
  EXPECT_EQ(reminder.channel(), v1::CHANNEL_EMAIL);
  EXPECT_EQ(FromProto(reminder.due_time()), clock_.Now() + absl::Hours(48));
  EXPECT_EQ(reminder.state(), v1::MESSAGE_STATE_QUEUED);
  EXPECT_FALSE(reminder.has_sent_time());
}

TEST_P(MessageStoreTest, KeepsEachMessagesChannelAndTheNumberThatTextsGoTo) {
  Plan plan = PlanFor(booked_, clock_.Now());
  plan.messages.push_back({v1::MESSAGE_KIND_CONFIRMATION, clock_.Now(), "", absl::InfiniteFuture(), v1::CHANNEL_SMS});
  ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, booked_, plan), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto claimed, messages_.Claim(10, kTestLease));
  std::vector<v1::Channel> channels;
  for (const ClaimedMessage& one : claimed) channels.push_back(one.message.channel());
  EXPECT_THAT(channels, UnorderedElementsAre(v1::CHANNEL_EMAIL, v1::CHANNEL_SMS));
  EXPECT_EQ(claimed.front().appointment.contact().phone_number(), "+12125550123");
}

TEST_P(MessageStoreTest, TellsTheClinicsSystemOfTheLatestVersionOnly) {
  const auto record = [&](const booking::v1::Appointment& visit) {
    Plan plan = PlanFor(visit, clock_.Now());
    plan.messages = {EventFor(visit, clock_.Now())};
    return messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, visit, plan);
  };
  ASSERT_THAT(record(booked_), IsOk());
  ASSERT_THAT(record(cancelled_), IsOk());
  ASSERT_THAT(record(booked_), IsOk()) << "told late";
  ASSERT_THAT(record(cancelled_), IsOk()) << "told twice";
  EXPECT_THAT(Told(), UnorderedElementsAre("EVENT_BOOKED DROPPED APPOINTMENT_CANCELLED", "EVENT_CANCELLED QUEUED "));
  const ClaimedMessage claimed = ClaimOne();
  EXPECT_EQ(claimed.message.channel(), v1::CHANNEL_WEBHOOK);
  EXPECT_EQ(claimed.message.appointment_version(), 2);
}

TEST_P(MessageStoreTest, KeepsTheFarewellToAFormerClinicianWhateverFollows) {
  booking::v1::Appointment visit = booked_;
  visit.mutable_slot()->set_clinician("clinicians/ida");
  ASSERT_THAT(Record(visit), IsOk());
  visit = NextVersion(visit, booking::v1::APPOINTMENT_STATE_BOOKED);
  visit.mutable_slot()->set_clinician("clinicians/grace");
  ASSERT_THAT(Record(visit), IsOk());
  ASSERT_THAT(Record(NextVersion(visit, booking::v1::APPOINTMENT_STATE_CANCELLED)), IsOk());
  std::vector<std::string> queued;
  for (const v1::Message& message : All()) {
    if (message.state() == v1::MESSAGE_STATE_QUEUED) {
      queued.push_back(v1::MessageKind_Name(message.kind()).substr(13) + " " + message.clinician());
    }
  }
  EXPECT_THAT(queued, UnorderedElementsAre("CLINICIAN_CANCELLATION clinicians/ida", "CANCELLATION ",
                                           "CLINICIAN_CANCELLATION clinicians/grace"));
}

TEST_P(MessageStoreTest, DropsAFarewellToAClinicianWhoGetsTheVisitBack) {
  booking::v1::Appointment visit = booked_;
  for (const char* clinician : {"clinicians/ida", "clinicians/grace", "clinicians/ida"}) {
    visit.mutable_slot()->set_clinician(clinician);
    ASSERT_THAT(Record(visit), IsOk());
    visit.set_version(visit.version() + 1);
  }
  for (const v1::Message& message : All()) {
    const bool to_ida = message.clinician() == "clinicians/ida";
    const bool current = message.appointment_version() == 3;
    if (message.kind() == v1::MESSAGE_KIND_CLINICIAN_CANCELLATION) {
      EXPECT_EQ(message.state(), to_ida ? v1::MESSAGE_STATE_DROPPED : v1::MESSAGE_STATE_QUEUED);
    } else if (message.kind() == v1::MESSAGE_KIND_CLINICIAN_BOOKING) {
      EXPECT_EQ(message.state(), current ? v1::MESSAGE_STATE_QUEUED : v1::MESSAGE_STATE_DROPPED);
    }
  }
}

TEST_P(MessageStoreTest, TellsNoClinicianOfTheOffersThatAPatientHad) {
  booking::v1::WaitlistEntry entry = SampleOffer(clock_.Now() + absl::Hours(2), clock_.Now() + absl::Minutes(15));
  for (const char* clinician : {"clinicians/ida", "clinicians/grace"}) {
    entry.mutable_offer()->mutable_slot()->set_clinician(clinician);
    entry.set_version(entry.version() + 2);
    const store::Mutation mutation{"services/booking", "RecordAppointmentEvent", store::NewUuid(), clinician};
    ASSERT_THAT(messages_.Record(mutation, VisitOnOffer(entry), PlanFor(entry, clock_.Now())), IsOk());
  }
  EXPECT_THAT(Told(), UnorderedElementsAre("OFFER DROPPED SUPERSEDED", "OFFER QUEUED "));
}

TEST_P(MessageStoreTest, HasNoMessageOfAnUnknownName) {
  EXPECT_THAT(messages_.Get("messages/none"), FailsWith(StatusCode::kNotFound, "MESSAGE_NOT_FOUND"));
}

TEST_P(MessageStoreTest, TakesAnEventOnceHoweverOftenItIsTold) {
  const std::string event_id = store::NewUuid();
  ASSERT_OK_AND_ASSIGN(const Recorded first, Record(booked_, event_id));
  ASSERT_OK_AND_ASSIGN(const Recorded repeat, Record(booked_, event_id));
  EXPECT_THAT(std::vector<std::string>(repeat.response.messages().begin(), repeat.response.messages().end()),
              testing::ElementsAreArray(first.response.messages()));
  // The same version under another id.
  ASSERT_OK_AND_ASSIGN(const Recorded again, Record(booked_));
  EXPECT_THAT(again.response.messages(), IsEmpty());
  EXPECT_THAT(All(), SizeIs(3));
}

TEST_P(MessageStoreTest, RefusesAnEventIdWithAnotherBody) {
  const std::string event_id = store::NewUuid();
  ASSERT_THAT(Record(booked_, event_id), IsOk());
  EXPECT_THAT(Record(cancelled_, event_id), FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Told(), ElementsAre("CONFIRMATION QUEUED ", "REMINDER_24H QUEUED ", "REMINDER_1H QUEUED "));
}

TEST_P(MessageStoreTest, ACancellationDropsWhatIsQueued) {
  ASSERT_THAT(Record(booked_), IsOk());
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record(cancelled_));
  EXPECT_EQ(recorded.dropped, 3);
  EXPECT_THAT(Told(),
              ElementsAre("CONFIRMATION DROPPED APPOINTMENT_CANCELLED", "CANCELLATION QUEUED ",
                          "REMINDER_24H DROPPED APPOINTMENT_CANCELLED", "REMINDER_1H DROPPED APPOINTMENT_CANCELLED"));
}

TEST_P(MessageStoreTest, AnEventOlderThanOneTakenChangesNothing) {
  ASSERT_THAT(Record(cancelled_), IsOk());
  ASSERT_OK_AND_ASSIGN(const Recorded late, Record(booked_));
  EXPECT_THAT(late.response.messages(), IsEmpty());
  EXPECT_THAT(Told(), ElementsAre("CANCELLATION QUEUED "));
}

TEST_P(MessageStoreTest, ALaterVersionReplacesTheEarliersMessages) {
  ASSERT_THAT(Record(booked_), IsOk());
  clock_.Advance(absl::Minutes(1));
  booking::v1::Appointment moved = NextVersion(booked_, booking::v1::APPOINTMENT_STATE_BOOKED);
  moved.mutable_contact()->set_email("new@example.com");
  ASSERT_THAT(Record(moved), IsOk());
  const ClaimedMessage claimed = ClaimOne();
  EXPECT_EQ(claimed.message.appointment_version(), 2);
  EXPECT_EQ(claimed.appointment.contact().email(), "new@example.com");
  EXPECT_THAT(messages_.List({"", v1::MESSAGE_STATE_DROPPED, {}, 10}), IsOkAndHolds(SizeIs(3)));
}

TEST_P(MessageStoreTest, OneEventOfManyTellersIsTakenOnce) {
  std::vector<std::thread> tellers;
  for (int i = 0; i < 8; ++i) tellers.emplace_back([&] { EXPECT_THAT(Record(booked_), IsOk()); });
  for (std::thread& teller : tellers) teller.join();
  EXPECT_THAT(All(), SizeIs(3));
}

TEST_P(MessageStoreTest, ClaimsOnlyWhatIsDueAndNeverTwice) {
  ASSERT_THAT(Record(booked_), IsOk());
  const ClaimedMessage claimed = ClaimOne();
  EXPECT_EQ(claimed.message.kind(), v1::MESSAGE_KIND_CONFIRMATION);
  EXPECT_EQ(claimed.message.attempts(), 1);
  EXPECT_EQ(claimed.lease_end, clock_.Now() + kTestLease);
  EXPECT_FALSE(claimed.recovered);
  EXPECT_EQ(claimed.appointment.contact().email(), "ada@example.com");
  // What a message doesn't need isn't kept.
  EXPECT_EQ(claimed.appointment.contact().state(), "");
  EXPECT_THAT(messages_.Claim(10, kTestLease), IsOkAndHolds(IsEmpty()));
}

TEST_P(MessageStoreTest, DispatchersThatClaimAtOnceShareTheWork) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = store::NewName("appointments");
    ASSERT_THAT(Record(SampleAppointment(clock_.Now() + absl::Minutes(30), name)), IsOk());
  }
  Mutex mutex;
  std::multiset<std::string> claimed;
  std::vector<std::thread> dispatchers;
  for (int i = 0; i < 4; ++i) {
    dispatchers.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        const auto batch = messages_.Claim(3, kTestLease);
        ASSERT_THAT(batch, IsOk());
        MutexLock lock(mutex);
        for (const ClaimedMessage& one : *batch) claimed.insert(one.message.name());
      }
    });
  }
  for (std::thread& dispatcher : dispatchers) dispatcher.join();
  EXPECT_THAT(claimed, SizeIs(20));
  EXPECT_THAT(std::set<std::string>(claimed.begin(), claimed.end()), SizeIs(20));
}

TEST_P(MessageStoreTest, ALeaseThatEndsUnsettledIsClaimedAgainAsRecovered) {
  ASSERT_THAT(Record(booked_), IsOk());
  const ClaimedMessage crashed = ClaimOne();
  clock_.Advance(kTestLease);
  const ClaimedMessage recovered = ClaimOne();
  EXPECT_EQ(recovered.message.name(), crashed.message.name());
  EXPECT_TRUE(recovered.recovered);
  EXPECT_EQ(recovered.message.attempts(), 2);
  // The first claim is fenced off.
  EXPECT_THAT(messages_.Settle(crashed, {v1::MESSAGE_STATE_DEAD, "LATE", 1}),
              FailsWith(StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_THAT(messages_.Settle(recovered, {v1::MESSAGE_STATE_SENT, "", 2, clock_.Now()}), IsOk());
  ASSERT_OK_AND_ASSIGN(const v1::Message sent, messages_.Get(recovered.message.name()));
  EXPECT_EQ(sent.state(), v1::MESSAGE_STATE_SENT);
  EXPECT_EQ(FromProto(sent.sent_time()), clock_.Now());
}

TEST_P(MessageStoreTest, AMessagePutBackWaitsForItsNextTry) {
  ASSERT_THAT(Record(booked_), IsOk());
  const ClaimedMessage claimed = ClaimOne();
  ASSERT_THAT(
      messages_.Settle(claimed, {v1::MESSAGE_STATE_QUEUED, "MAIL_DEFERRED", 1, clock_.Now() + absl::Minutes(5)}),
      IsOk());
  EXPECT_THAT(messages_.Claim(10, kTestLease), IsOkAndHolds(IsEmpty()));
  clock_.Advance(absl::Minutes(5));
  const ClaimedMessage again = ClaimOne();
  EXPECT_EQ(again.message.reason(), "MAIL_DEFERRED");
  EXPECT_FALSE(again.recovered);
  EXPECT_EQ(again.message.attempts(), 2);
}

TEST_P(MessageStoreTest, WhatIsDroppedUnderWayIsNeverQueuedAgainButMayHaveBeenSent) {
  ASSERT_THAT(Record(booked_), IsOk());
  const ClaimedMessage claimed = ClaimOne();
  ASSERT_THAT(Record(cancelled_), IsOk());
  EXPECT_THAT(messages_.Settle(claimed, {v1::MESSAGE_STATE_QUEUED, "MAIL_DEFERRED", 1, clock_.Now()}),
              FailsWith(StatusCode::kAborted, "CLAIM_LOST"));
  EXPECT_THAT(messages_.Settle(claimed, {v1::MESSAGE_STATE_SENT, "", 1, clock_.Now()}), IsOk());
  ASSERT_OK_AND_ASSIGN(const v1::Message sent, messages_.Get(claimed.message.name()));
  EXPECT_EQ(sent.state(), v1::MESSAGE_STATE_SENT);
}

TEST_P(MessageStoreTest, ReplaysNothingAgainThatWasGivenUpAfterTheTimeThatItIsTold) {
  ASSERT_THAT(Record(booked_), IsOk());
  const auto give_up = [&] {
    ASSERT_THAT(messages_.Settle(ClaimOne(), {v1::MESSAGE_STATE_DEAD, "MAIL_REFUSED", 1}), IsOk());
  };
  const auto replay = [&](absl::Time by) {
    const ReplayTerms terms{"MAIL_REFUSED", by, 10};
    return messages_.ReplayMany({"staff/1", "Replay", store::NewUuid(), "hash"}, terms)->response;
  };
  give_up();
  const absl::Time before = clock_.Now();
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(replay(before - absl::Seconds(1)).replayed_count(), 0);
  const auto first = replay(absl::InfiniteFuture());
  EXPECT_EQ(first.replayed_count(), 1);
  EXPECT_EQ(FromProto(first.given_up_by()), clock_.Now()) << "what is to come isn't known";
  give_up();
  EXPECT_EQ(replay(FromProto(first.given_up_by())).replayed_count(), 0);
  EXPECT_EQ(replay(FromProto(first.given_up_by())).remaining_count(), 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(replay(clock_.Now()).replayed_count(), 1);
}

TEST_P(MessageStoreTest, ListsByDueTimeInPages) {
  ASSERT_THAT(Record(booked_), IsOk());
  ASSERT_THAT(Record(SampleAppointment(clock_.Now() + absl::Hours(48), store::NewName("appointments"))), IsOk());
  std::vector<std::string> seen;
  MessageQuery query{"", {}, {}, 2};
  while (true) {
    ASSERT_OK_AND_ASSIGN(const auto page, messages_.List(query));
    if (page.empty()) break;
    for (const v1::Message& message : page) seen.push_back(message.name());
    query.after = {FromProto(page.back().due_time()), page.back().name()};
  }
  std::vector<std::string> all;
  for (const v1::Message& message : All()) all.push_back(message.name());
  EXPECT_THAT(seen, testing::ElementsAreArray(all));
  EXPECT_THAT(seen, SizeIs(6));
  EXPECT_THAT(messages_.List({booked_.name(), {}, {}, 10}), IsOkAndHolds(SizeIs(3)));
  EXPECT_THAT(messages_.List({booked_.name(), v1::MESSAGE_STATE_SENT, {}, 10}), IsOkAndHolds(IsEmpty()));
}

// Whichever is first, the provider's word stands.
TEST_P(MessageStoreTest, AStatusThatMeetsItsSettlementIsNotLost) {
  for (int i = 0; i < 40; ++i) {
    const booking::v1::Appointment visit =
        SampleAppointment(clock_.Now() + absl::Hours(72), store::NewName("appointments"));
    Plan plan = PlanFor(visit, clock_.Now());
    plan.messages = {{v1::MESSAGE_KIND_CONFIRMATION, clock_.Now(), "", absl::InfiniteFuture(), v1::CHANNEL_SMS}};
    ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, visit, plan), IsOk());
    const ClaimedMessage claimed = ClaimOne();
    {
      const std::jthread settling([&] {
        EXPECT_THAT(messages_.Settle(claimed, {v1::MESSAGE_STATE_SENT, "", 1, clock_.Now(), false, "p", "SM1"}),
                    IsOk());
      });
      const std::jthread told([&] {
        EXPECT_THAT(messages_.RecordStatus({claimed.message.name(), "p", "SM1", v1::MESSAGE_STATE_DELIVERED}), IsOk());
      });
    }
    EXPECT_EQ(messages_.Get(claimed.message.name())->state(), v1::MESSAGE_STATE_DELIVERED);
  }
}

TEST_P(MessageStoreTest, MeasuresWhatWaits) {
  EXPECT_EQ(messages_.Measure()->queued, 0);
  EXPECT_EQ(messages_.Measure()->oldest_due, std::nullopt);
  ASSERT_THAT(Record(booked_), IsOk());
  const absl::Time due = clock_.Now();
  clock_.Advance(absl::Minutes(3));
  EXPECT_EQ(messages_.Measure()->queued, 3);
  EXPECT_EQ(messages_.Measure()->oldest_due, due);
}

TEST_P(MessageStoreTest, WhatIsHeldBackOnPurposeIsNotLate) {
  ASSERT_THAT(Record(booked_), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto claimed, messages_.Claim(1, kTestLease));
  const absl::Time due = FromProto(claimed[0].message.due_time());
  const auto put_back = [&](const char* reason) {
    return messages_.Settle(claimed[0], {v1::MESSAGE_STATE_QUEUED, reason, 0, clock_.Now() + absl::Hours(9)});
  };
  ASSERT_THAT(put_back("QUIET_HOURS"), IsOk());
  EXPECT_EQ(messages_.Measure()->oldest_due, std::nullopt);
  ASSERT_THAT(put_back("SMS_DEFERRED"), IsOk());
  EXPECT_EQ(messages_.Measure()->oldest_due, due);
}

TEST_P(MessageStoreTest, KeepsTheQueueAcrossARestart) {
  ASSERT_THAT(Record(booked_), IsOk());
  const auto reopened = Open();
  ASSERT_THAT(MigrateNotification(*reopened, clock_), IsOk());
  SqlMessageStore after(*reopened, clock_);
  EXPECT_THAT(after.Claim(10, kTestLease), IsOkAndHolds(SizeIs(1)));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, MessageStoreTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
