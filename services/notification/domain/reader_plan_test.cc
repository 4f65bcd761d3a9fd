#include "services/notification/domain/reader_plan.h"

#include <absl/random/random.h>
#include <gmock/gmock.h>

#include "common/time/proto_time.h"
#include "services/notification/testing/samples.h"

namespace lumbar::notification {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using v1::CHANNEL_EMAIL;
using v1::CHANNEL_SMS;
using v1::MESSAGE_KIND_CANCELLATION;
using v1::MESSAGE_KIND_CONFIRMATION;
using v1::MESSAGE_KIND_REMINDER_1H;
using v1::MESSAGE_KIND_REMINDER_24H;

// In New York, January: five hours behind UTC.
absl::Time Local(int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilSecond(2026, 1, day, hour + 5, minute), absl::UTCTimeZone());
}

Wishes ByTextAndMail() {
  Wishes wishes;
  wishes.preferences.add_channels(CHANNEL_SMS);
  wishes.preferences.add_channels(CHANNEL_EMAIL);
  return wishes;
}

std::vector<PlannedMessage> MessagesFor(absl::Time start, absl::Time now, const Wishes& wishes = {}) {
  const auto visit = SampleAppointment(start);
  return ForReader(PlanFor(visit, now), visit, wishes, now).messages;
}

PlannedMessage Text(v1::MessageKind kind, absl::Time due) {
  return {kind, due, "", absl::InfiniteFuture(), CHANNEL_SMS};
}

TEST(ReaderPlanTest, MailsWhatNoTextCanTellAnyMore) {
  const auto mailed = [](v1::MessageState state, absl::string_view reason, v1::MessageKind kind, v1::Channel channel) {
    v1::Message message;
    message.set_kind(kind);
    message.set_channel(channel);
    return GoesByMailInstead(message, state, reason);
  };
  const auto text = [&](v1::MessageState state, absl::string_view reason) {
    return mailed(state, reason, MESSAGE_KIND_CONFIRMATION, CHANNEL_SMS);
  };
  EXPECT_TRUE(text(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED"));
  EXPECT_TRUE(text(v1::MESSAGE_STATE_UNDELIVERED, "SMS_30003"));
  EXPECT_TRUE(text(v1::MESSAGE_STATE_DROPPED, "OPTED_OUT"));
  EXPECT_TRUE(text(v1::MESSAGE_STATE_DROPPED, "PHONE_NUMBER_MISSING"));
  for (const char* over : {"APPOINTMENT_CANCELLED", "SUPERSEDED", "VISIT_BEGUN", "OFFER_EXPIRED", "QUIET_HOURS"}) {
    EXPECT_FALSE(text(v1::MESSAGE_STATE_DROPPED, over)) << over;
  }
  EXPECT_FALSE(text(v1::MESSAGE_STATE_QUEUED, "SMS_DEFERRED"));
  EXPECT_FALSE(text(v1::MESSAGE_STATE_SENT, ""));
  EXPECT_FALSE(mailed(v1::MESSAGE_STATE_DEAD, "MAIL_REFUSED", MESSAGE_KIND_CONFIRMATION, CHANNEL_EMAIL));
  EXPECT_FALSE(mailed(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED", v1::MESSAGE_KIND_REPLY, CHANNEL_SMS));
  EXPECT_FALSE(mailed(v1::MESSAGE_STATE_DEAD, "WEBHOOK_GONE", v1::MESSAGE_KIND_EVENT_BOOKED, v1::CHANNEL_WEBHOOK));
}

TEST(ReaderPlanTest, RemindsOfAnEarlyVisitOnTheEveningBefore) {
  EXPECT_THAT(MessagesFor(Local(9, 8, 30), Local(5, 12, 0)),
              ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, Local(5, 12, 0)},
                          PlannedMessage{MESSAGE_KIND_REMINDER_24H, Local(8, 8, 30)},
                          PlannedMessage{MESSAGE_KIND_REMINDER_1H, Local(8, 20, 0)}));
}

TEST(ReaderPlanTest, DefersToTheEndOfTheNightWhatIsOfUseThen) {
  // 24 h before 22:15 is night.
  EXPECT_THAT(MessagesFor(Local(9, 22, 15), Local(5, 12, 0)),
              ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, Local(5, 12, 0)},
                          PlannedMessage{MESSAGE_KIND_REMINDER_24H, Local(9, 8, 0)},
                          PlannedMessage{MESSAGE_KIND_REMINDER_1H, Local(9, 20, 0)}));
}

TEST(ReaderPlanTest, OfAVisitBookedLateAtNightRemindsInTheMorningIfThereIsTime) {
  EXPECT_THAT(MessagesFor(Local(9, 8, 30), Local(8, 22, 0)),
              ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, Local(8, 22, 0)},
                          PlannedMessage{MESSAGE_KIND_REMINDER_1H, Local(9, 8, 0)}));
  EXPECT_THAT(MessagesFor(Local(9, 7, 30), Local(8, 22, 0)),
              ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, Local(8, 22, 0)}));
}

TEST(ReaderPlanTest, TextsNothingAtNightThatCanWait) {
  EXPECT_THAT(
      MessagesFor(Local(12, 15, 0), Local(5, 23, 0), ByTextAndMail()),
      ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, Local(5, 23, 0)},
                  Text(MESSAGE_KIND_CONFIRMATION, Local(6, 8, 0)), Text(MESSAGE_KIND_REMINDER_24H, Local(11, 15, 0)),
                  Text(MESSAGE_KIND_REMINDER_1H, Local(12, 14, 0))));
}

TEST(ReaderPlanTest, TellsOfACancellationAtNightIfTheVisitIsBeforeTheMorning) {
  const absl::Time now = Local(5, 23, 0);
  for (const auto& [start, due] : {std::pair(Local(6, 7, 30), now), std::pair(Local(6, 9, 0), Local(6, 8, 0))}) {
    const auto visit = NextVersion(SampleAppointment(start), booking::v1::APPOINTMENT_STATE_CANCELLED);
    Wishes wishes;
    wishes.preferences.add_channels(CHANNEL_SMS);
    EXPECT_THAT(ForReader(PlanFor(visit, now), visit, wishes, now).messages,
                ElementsAre(Text(MESSAGE_KIND_CANCELLATION, due)));
  }
}

TEST(ReaderPlanTest, MailsAnOfferThatEndsBeforeTheMorning) {
  const absl::Time now = Local(5, 23, 0), expires = now + absl::Minutes(15);
  const auto entry = SampleOffer(Local(6, 9, 0), expires);
  const auto plan = ForReader(PlanFor(entry, now), VisitOnOffer(entry), ByTextAndMail(), now);
  EXPECT_THAT(plan.messages, ElementsAre(PlannedMessage{v1::MESSAGE_KIND_OFFER, now, "", expires, CHANNEL_EMAIL}));
}

TEST(ReaderPlanTest, WritesMailToWhoCannotBeTexted) {
  Wishes wishes;
  wishes.preferences.add_channels(CHANNEL_SMS);
  wishes.number_opted_out = true;
  EXPECT_THAT(MessagesFor(Local(9, 15, 0), Local(5, 12, 0), wishes),
              Each(Field(&PlannedMessage::channel, CHANNEL_EMAIL)));
  auto visit = SampleAppointment(Local(9, 15, 0));
  visit.mutable_contact()->clear_phone_number();
  wishes.number_opted_out = false;
  EXPECT_THAT(ForReader(PlanFor(visit, Local(5, 12, 0)), visit, wishes, Local(5, 12, 0)).messages,
              Each(Field(&PlannedMessage::channel, CHANNEL_EMAIL)));
}

TEST(ReaderPlanTest, WakesNobodyWithACancellationOfAVisitThatWouldHaveBegun) {
  const auto visit = SampleAppointment(Local(9, 15, 0));
  const QuietHours quiet = QuietHours::Of(v1::Preferences(), visit);
  const absl::Time night = Local(10, 1, 0);
  EXPECT_EQ(WhenToSend(v1::MESSAGE_KIND_CANCELLATION, night, absl::InfiniteFuture(), Local(9, 15, 0), quiet, night),
            quiet.EndFrom(night));
  EXPECT_EQ(WhenToSend(v1::MESSAGE_KIND_CANCELLATION, night, absl::InfiniteFuture(), Local(10, 2, 0), quiet, night),
            night)
      << "who gets up for it must know";
}

TEST(ReaderPlanTest, PlansNothingByAChannelThatIsOptedOut) {
  Wishes wishes = ByTextAndMail();
  wishes.preferences.add_opted_out_channels(CHANNEL_EMAIL);
  EXPECT_THAT(MessagesFor(Local(9, 15, 0), Local(5, 12, 0), wishes),
              Each(Field(&PlannedMessage::channel, CHANNEL_SMS)));
  wishes.number_opted_out = true;
  EXPECT_THAT(MessagesFor(Local(9, 15, 0), Local(5, 12, 0), wishes), IsEmpty());
  Wishes none;
  none.preferences.set_opted_out(true);
  EXPECT_THAT(MessagesFor(Local(9, 15, 0), Local(5, 12, 0), none), IsEmpty());
}

TEST(ReaderPlanTest, LeavesAsItIsWhatGoesToTheClinicianAndToTheClinicsSystem) {
  auto visit = SampleAppointment(Local(12, 15, 0));
  visit.mutable_slot()->set_clinician("clinicians/grace");
  Wishes none;
  none.preferences.set_opted_out(true);
  const absl::Time now = Local(5, 23, 0);
  Plan plan = PlanFor(visit, now);
  plan.messages.push_back(EventFor(visit, now));
  EXPECT_THAT(
      ForReader(plan, visit, none, now).messages,
      ElementsAre(PlannedMessage{v1::MESSAGE_KIND_CLINICIAN_BOOKING, now, "clinicians/grace"}, EventFor(visit, now)));
}

TEST(ReaderPlanTest, TakesThePatientsLanguageAndZone) {
  v1::Preferences preferences;
  EXPECT_EQ(InReadersWords(SampleAppointment(Local(9, 8, 30)), preferences).contact().time_zone(), "America/New_York");
  preferences.set_language_code("es");
  preferences.set_time_zone("America/Denver");
  const auto visit = InReadersWords(SampleAppointment(Local(9, 8, 30)), preferences);
  EXPECT_EQ(visit.contact().language_code(), "es");
  EXPECT_EQ(visit.contact().time_zone(), "America/Denver");
}

// Whatever the zone, the visit and the moment of booking: no reminder by night, none after the visit's begin or in the
// past, and none that could have come is left out.
TEST(ReaderPlanPropertyTest, RemindersNeverComeAtNightNorTooLate) {
  absl::BitGen random;
  const char* const zones[] = {"America/New_York",    "America/Los_Angeles", "Pacific/Honolulu", "America/St_Johns",
                               "Australia/Lord_Howe", "Asia/Kathmandu",      "Pacific/Apia",     "Europe/Dublin"};
  for (int i = 0; i < 4000; ++i) {
    const absl::Time now = absl::FromUnixSeconds(absl::Uniform<int64_t>(random, 1'767'000'000, 1'830'000'000));
    const absl::Time start = now + absl::Minutes(absl::Uniform(random, 1, 4 * 1440));
    auto visit = SampleAppointment(start);
    visit.mutable_contact()->set_time_zone(zones[absl::Uniform(random, 0u, std::size(zones))]);
    const QuietHours quiet = QuietHours::Of({}, visit);
    int reminders = 0;
    for (const PlannedMessage& message : ForReader(PlanFor(visit, now), visit, ByTextAndMail(), now).messages) {
      if (message.kind != MESSAGE_KIND_REMINDER_24H && message.kind != MESSAGE_KIND_REMINDER_1H) continue;
      ++reminders;
      EXPECT_FALSE(quiet.Contain(message.due)) << visit.contact().time_zone() << " " << message.due;
      EXPECT_LT(message.due, start);
      EXPECT_GT(message.due, now);
    }
    if (start - now > absl::Hours(40)) {
      EXPECT_EQ(reminders, 2) << start << " " << visit.contact().time_zone();
    }
  }
}

}  // namespace
}  // namespace lumbar::notification
