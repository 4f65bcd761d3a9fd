// What every store of conversations promises, on every engine.
#include "services/notification/store/sql_conversation_store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "services/notification/testing/conversation_fixture.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using testing::SizeIs;

class ConversationStoreTest : public ConversationFixture {
 protected:
  // Like a second process.
  const std::unique_ptr<store::Database> second_ = Open();
  SqlConversationStore replica_{*second_, clock_};
};

TEST_P(ConversationStoreTest, EscalatesOnceWhoeverElseDoes) {
  for (int i = 0; i < 30; ++i) Text("hello", "+121255501" + std::to_string(10 + i));
  clock_.Advance(absl::Minutes(30) - absl::Seconds(1));
  EXPECT_EQ(EscalateOverdue(conversations_, text_observer_, true), 0);
  clock_.Advance(absl::Seconds(1));
  std::atomic<int> escalated = 0;
  const auto escalate = [&](SqlConversationStore& store) {
    for (int i = 0; i < 20; ++i) escalated += store.Escalate(2, true).value();
  };
  std::thread other([&] { escalate(replica_); });
  escalate(conversations_);
  other.join();
  EXPECT_EQ(escalated, 30);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(30));
  EXPECT_THAT(mailer_.taken_[0].subject, HasSubstr("waits for its answer"));
  EXPECT_TRUE(List().entries(0).escalated());
}

TEST_P(ConversationStoreTest, WhatWasAnsweredInTimeIsNotEscalated) {
  Text("hello");
  clock_.Advance(absl::Minutes(29));
  ASSERT_THAT(Reply(Conversation(), "Yes."), IsOk());
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(EscalateOverdue(conversations_, text_observer_, true), 0);
  Text("and tomorrow?");
  clock_.Advance(absl::Minutes(30));
  EXPECT_EQ(EscalateOverdue(conversations_, text_observer_, false), 1) << "it waits anew";
  EXPECT_EQ(text_observer_.counts_["escalated"], 1);
  EXPECT_EQ(EscalateOverdue(conversations_, text_observer_, false), 0);
}

TEST_P(ConversationStoreTest, OneOfTwoWhoReadTheSameChangesIt) {
  Text("hello");
  const v1::Conversation read = Conversation();
  std::atomic<int> done = 0, refused = 0;
  const auto assign = [&](SqlConversationStore& store, const std::string& who) {
    const store::Mutation mutation{who, "Assign", store::NewUuid(), ""};
    const auto changed = store.Change(mutation, read.name(), read.etag(),
                                      [&](v1::Conversation& conversation) { return AssignTo(conversation, who); });
    if (changed.ok()) {
      ++done;
      return;
    }
    EXPECT_THAT(changed.status(), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
    ++refused;
  };
  std::thread other([&] { assign(replica_, "staff/2"); });
  assign(conversations_, "staff/1");
  other.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 1);
}

TEST_P(ConversationStoreTest, KeepsEveryTextWhateverStaffDoesMeanwhile) {
  TextDesk others(TextDesk::Ports{replica_, scanner_, *templates_, text_observer_, clock_});
  Text("hello");
  const std::string name = Conversation().name();
  const auto write = [](TextDesk& desk) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_THAT(desk.Receive({kNumber, "", "hello", 0, "twilio", store::NewUuid()}), IsOk());
    }
  };
  std::thread first([&] { write(*texts_); }), second([&] { write(others); });
  int replies = 0;
  v1::Conversation conversation;
  conversation.set_name(name);
  for (int i = 0; i < 10; ++i) {
    if (Reply(conversation, "Yes.").ok()) ++replies;
    const auto closed = Close(conversation);
    if (!closed.ok()) {
      EXPECT_THAT(closed.status(), FailsWith(StatusCode::kFailedPrecondition, "CONVERSATION_CLOSED"));
    }
  }
  first.join();
  second.join();
  EXPECT_EQ(Conversation().text_count(), 21 + replies);
  EXPECT_THAT(Show(name).texts(), SizeIs(21 + replies));
}

TEST_P(ConversationStoreTest, AFullClosedOneIsFollowedByANewOne) {
  Text("hello");
  const v1::Conversation first = Conversation();
  const auto fill = [](int count) {
    return [count](v1::Conversation& conversation) {
      conversation.set_text_count(count);
      return absl::OkStatus();
    };
  };
  ASSERT_THAT(conversations_.Change({}, first.name(), "", fill(kMostTextsToReopen - 1)), IsOk());
  ASSERT_THAT(Close(first), IsOk());
  Text("hello");
  EXPECT_EQ(Conversation().name(), first.name()) << "it had room";
  ASSERT_THAT(Close(first), IsOk());
  clock_.Advance(absl::Seconds(1));
  Text("hello");
  EXPECT_EQ(List().entries_size(), 2);
  EXPECT_NE(List().entries(0).name(), first.name());
}

TEST_P(ConversationStoreTest, NothingHappensIfItCantBeDecided) {
  const auto fail = [](const NumberStanding&) -> absl::StatusOr<Taken> { return RenderFailed(); };
  const store::Mutation mutation{"providers/twilio", "ReceiveText", "SM1", ""};
  EXPECT_THAT(conversations_.Receive(mutation, kNumber, fail).status(),
              FailsWith(StatusCode::kInternal, "RENDER_FAILED"));
  EXPECT_THAT(*texts_->Receive({kNumber, "", "hello", 0, "twilio", "SM1"}), HasSubstr("911"))
      << "told again, it is taken";
}

TEST_P(ConversationStoreTest, TellsHowManyWaitAndSinceWhen) {
  EXPECT_EQ(conversations_.Measure()->waiting, 0);
  EXPECT_EQ(conversations_.Measure()->oldest, std::nullopt);
  const absl::Time first = clock_.Now();
  Text("hello", "+12125550101");
  clock_.Advance(absl::Minutes(5));
  Text("hello", "+12125550102");
  EXPECT_EQ(conversations_.Measure()->waiting, 2);
  EXPECT_EQ(conversations_.Measure()->oldest, first);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ConversationStoreTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
