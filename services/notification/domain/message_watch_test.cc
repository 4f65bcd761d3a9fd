// Over every engine: what those who follow messages are told.
#include "services/notification/domain/message_watch.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "common/rpc/change_stream.h"
#include "common/rpc/testing.h"
#include "common/time/proto_time.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MessageWatchTest : public DispatcherTest {
 protected:
  using Source = absl::StatusOr<std::unique_ptr<rpc::StreamSource>>;

  Source Open(const v1::WatchMessagesRequest& request = {}) {
    return watch_.WatchMessages(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request);
  }
  Source OpenFrom(const std::string& token) {
    v1::WatchMessagesRequest request;
    request.set_resume_token(token);
    return Open(request);
  }
  // Everything that the stream has now; the last token is kept.
  std::vector<v1::Message> Read(rpc::StreamSource& source) {
    std::vector<v1::Message> found;
    v1::WatchMessagesResponse response;
    while (true) {
      const auto next = source.Next(response);
      EXPECT_THAT(next, IsOk());
      if (!next.ok() || !*next) return found;
      token_ = response.resume_token();
      if (response.has_message()) found.push_back(response.message());
    }
  }
  std::vector<std::string> Told(rpc::StreamSource& source) {
    std::vector<std::string> told;
    for (const v1::Message& message : Read(source)) {
      std::string state = v1::MessageState_Name(message.state()).substr(14);
      told.push_back(message.reason().empty() ? state : state + " " + message.reason());
    }
    return told;
  }
  // A visit so soon that it has a confirmation alone.
  booking::v1::Appointment Soon() {
    return SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments"));
  }

  MessageWatch watch_{messages_, clock_};
  std::string token_;
};

TEST_P(MessageWatchTest, TellsEachChangeFromNowOn) {
  Record(Soon());
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  EXPECT_THAT(Told(*source), IsEmpty()) << "not what was there before";
  Record(Soon());
  EXPECT_THAT(Told(*source), ElementsAre("QUEUED"));
  mailer_.script_ = [] { return MailDeferred(451); };
  dispatcher_->RunBatch();
  EXPECT_THAT(Told(*source), ElementsAre("QUEUED MAIL_DEFERRED", "QUEUED MAIL_DEFERRED"));
  mailer_.script_ = [] { return MailRefused(550); };
  clock_.Advance(absl::Minutes(2));
  dispatcher_->RunBatch();
  EXPECT_THAT(Told(*source), ElementsAre("DEAD MAIL_REFUSED", "DEAD MAIL_REFUSED"));
  ASSERT_THAT(messages_.ReplayMany({"staff/1", "Replay", store::NewUuid(), "hash"}, {.limit = 10}), IsOk());
  EXPECT_THAT(Told(*source), ElementsAre("QUEUED", "QUEUED"));
  mailer_.script_ = nullptr;
  dispatcher_->RunBatch();
  EXPECT_THAT(Told(*source), ElementsAre("SENT", "SENT"));
  EXPECT_THAT(Told(*source), IsEmpty());
}

TEST_P(MessageWatchTest, TellsWhatAnEventDropsAndWhatAProviderSays) {
  const auto visit = Soon();
  Record(visit);
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  const auto off = NextVersion(visit, booking::v1::APPOINTMENT_STATE_CANCELLED);
  Plan plan = PlanFor(off, clock_.Now());
  for (PlannedMessage& planned : plan.messages) planned.channel = v1::CHANNEL_SMS;
  ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, off, plan), IsOk());
  EXPECT_THAT(Told(*source), testing::UnorderedElementsAre("DROPPED APPOINTMENT_CANCELLED", "QUEUED"));
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  MakeDispatcher(v1::CHANNEL_SMS)->RunBatch();
  const auto sent = Read(*source);
  ASSERT_THAT(sent, SizeIs(1));
  ASSERT_THAT(messages_.RecordStatus({sent[0].name(), "twilio", "SM1", v1::MESSAGE_STATE_UNDELIVERED, "SMS_30003"}),
              IsOkAndHolds(true));
  EXPECT_THAT(Told(*source), testing::UnorderedElementsAre("UNDELIVERED SMS_30003", "QUEUED")) << "and a mail instead";
}

TEST_P(MessageWatchTest, TellsWhatIsHeldBackForItsRecipient) {
  SqlMessageStore limited(*database_, clock_, RecipientRate(1));
  Record(Soon());
  Record(Soon());
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  ASSERT_THAT(limited.Claim(kBatch, kLease), IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(Told(*source), ElementsAre("QUEUED RECIPIENT_RATE"));
}

TEST_P(MessageWatchTest, TellsTheVersionThatAConfirmationTakes) {
  const auto visit = Soon();
  Record(visit);
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  Record(NextVersion(visit, booking::v1::APPOINTMENT_STATE_CHECKED_IN));
  const auto told = Read(*source);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].appointment_version(), 2);
}

TEST_P(MessageWatchTest, TellsOfChangesInARowOnlyTheLast) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  Record(Soon());
  dispatcher_->RunBatch();
  EXPECT_THAT(Told(*source), ElementsAre("SENT"));
}

TEST_P(MessageWatchTest, TellsOnceWhatChangesWhileItIsRead) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  Record(Soon());
  Record(Soon());
  v1::WatchMessagesResponse response;
  ASSERT_THAT(source->Next(response), IsOkAndHolds(true));
  EXPECT_EQ(response.message().state(), v1::MESSAGE_STATE_QUEUED);
  dispatcher_->RunBatch();
  EXPECT_THAT(Told(*source), IsEmpty()) << "the other is told as it is now, when it is read again";
  EXPECT_THAT(Told(*source), ElementsAre("SENT", "SENT"));
}

TEST_P(MessageWatchTest, TellsWhatAnotherReplicaDid) {
  const auto database = store::EngineTest::Open();
  SqlMessageStore other(*database, clock_);
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  const auto visit = Soon();
  ASSERT_THAT(
      other.Record({"services/booking", "Record", store::NewUuid(), "hash"}, visit, PlanFor(visit, clock_.Now())),
      IsOk());
  EXPECT_THAT(Told(*source), ElementsAre("QUEUED"));
}

TEST_P(MessageWatchTest, GoesOnWhereATokenSaysHoweverOldItIs) {
  ASSERT_OK_AND_ASSIGN(auto source, Open());
  Read(*source);
  const std::string token = token_;
  Record(Soon());
  clock_.Advance(absl::Hours(24 * 30));
  dispatcher_->RunBatch();
  ASSERT_OK_AND_ASSIGN(source, OpenFrom(token));
  EXPECT_THAT(Told(*source), ElementsAre("DROPPED VISIT_BEGUN"));
  ASSERT_OK_AND_ASSIGN(source, OpenFrom(token_));
  EXPECT_THAT(Told(*source), ElementsAre("DROPPED VISIT_BEGUN")) << "what came just before a token comes again";
  clock_.Advance(rpc::kHeartbeat + absl::Microseconds(1));
  EXPECT_THAT(Told(*source), IsEmpty());
  ASSERT_OK_AND_ASSIGN(source, OpenFrom(token_));
  EXPECT_THAT(Told(*source), IsEmpty()) << "a later token spares it";
}

TEST_P(MessageWatchTest, TellsOnlyOfTheStatesAskedForAndRefusesATokenOfOthers) {
  v1::WatchMessagesRequest request;
  request.add_states(v1::MESSAGE_STATE_DEAD);
  request.add_states(v1::MESSAGE_STATE_UNDELIVERED);
  ASSERT_OK_AND_ASSIGN(const auto source, Open(request));
  mailer_.script_ = [] { return MailRefused(550); };
  Record(Soon());
  EXPECT_THAT(Told(*source), IsEmpty());
  dispatcher_->RunBatch();
  EXPECT_THAT(Told(*source), ElementsAre("DEAD MAIL_REFUSED"));
  EXPECT_THAT(OpenFrom(token_), FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  EXPECT_THAT(OpenFrom("made up"), FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(MessageWatchTest, MissesNothingWhenAClockIsBehind) {
  Record(Soon());
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  clock_.Advance(-absl::Seconds(3));
  Record(Soon());
  EXPECT_THAT(Told(*source), ElementsAre("QUEUED"));
  clock_.Advance(absl::Seconds(3));
  dispatcher_->RunBatch();
  EXPECT_THAT(Told(*source), SizeIs(2));
}

TEST_P(MessageWatchTest, AMessagesTimeOnlyGrows) {
  Record(Soon());
  const absl::Time planned = FromProto(messages_.List({"", {}, {}, 1}).value()[0].update_time());
  const auto claimed = messages_.Claim(1, kLease).value();
  clock_.Advance(-absl::Seconds(5));
  ASSERT_THAT(messages_.Settle(claimed[0], {v1::MESSAGE_STATE_SENT, "", 1, clock_.Now()}), IsOk());
  EXPECT_EQ(FromProto(messages_.Get(claimed[0].message.name())->update_time()), planned + absl::Microseconds(1));
}

TEST_P(MessageWatchTest, SaysThatItIsAlive) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  v1::WatchMessagesResponse response;
  ASSERT_THAT(source->Next(response), IsOkAndHolds(true)) << "the first token comes at once";
  EXPECT_FALSE(response.has_message());
  EXPECT_THAT(source->Next(response), IsOkAndHolds(false));
  clock_.Advance(rpc::kHeartbeat);
  EXPECT_THAT(source->Next(response), IsOkAndHolds(true));
}

TEST_P(MessageWatchTest, MissesNoLastWordWhileManyAreSent) {
  constexpr int kVisits = 60;
  ASSERT_OK_AND_ASSIGN(const auto source, Open());
  std::atomic<int> running = 2;
  std::thread planning([&] {
    for (int i = 0; i < kVisits; ++i) Record(Soon());
    --running;
  });
  std::thread sending([&] {
    for (int sent = 0; sent < kVisits;) {
      const auto claimed = messages_.Claim(7, kLease).value();
      for (const auto& one : claimed) {
        EXPECT_THAT(messages_.Settle(one, {v1::MESSAGE_STATE_SENT, "", 1, clock_.Now()}), IsOk());
      }
      sent += static_cast<int>(claimed.size());
    }
    --running;
  });
  std::multiset<std::string> sent;
  const auto note = [&] {
    for (const v1::Message& message : Read(*source)) {
      if (message.state() == v1::MESSAGE_STATE_SENT) sent.insert(message.name());
    }
  };
  while (running > 0) note();
  planning.join();
  sending.join();
  note();
  EXPECT_THAT(sent, SizeIs(kVisits));
  EXPECT_THAT(std::set<std::string>(sent.begin(), sent.end()), SizeIs(kVisits));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, MessageWatchTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
