// Over every engine: what the care team does with patients' texts.
#include "services/notification/domain/conversation_desk.h"

#include <gmock/gmock.h>

#include "common/time/proto_time.h"
#include "services/notification/testing/conversation_fixture.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::SizeIs;

class ConversationDeskTest : public ConversationFixture {
 protected:
  // In the order of the list.
  std::vector<std::string> Numbers(v1::ListConversationsRequest request = {}) {
    std::vector<std::string> numbers;
    do {
      request.set_page_size(1);
      const auto page = List(request);
      for (const auto& conversation : page.entries()) numbers.push_back(conversation.number().substr(8));
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return numbers;
  }
};

TEST_P(ConversationDeskTest, ListsEmergenciesFirstAndThenTheLongestWaiting) {
  Text("hello", "+12125550101");
  clock_.Advance(absl::Minutes(1));
  Text("hello", "+12125550102");
  clock_.Advance(absl::Minutes(1));
  scanner_.failure_ = absl::UnavailableError("down");
  Text("hello", "+12125550103");
  scanner_.failure_ = absl::OkStatus();
  clock_.Advance(absl::Minutes(1));
  Text("can't pee", "+12125550104");
  Text("can't pee", "+12125550105");
  Text("more", "+12125550101");
  const auto listed = List();
  ASSERT_THAT(Reply(listed.entries(1), "Call us"), IsOk());
  EXPECT_EQ(listed.conversations(0), listed.entries(0).name());
  EXPECT_THAT(Numbers(), SizeIs(5));
  std::vector<std::string> rest = Numbers();
  rest.erase(rest.begin());
  rest.pop_back();
  EXPECT_THAT(rest, ElementsAre("0103", "0101", "0102"));

  v1::ListConversationsRequest waiting;
  waiting.set_state(v1::CONVERSATION_STATE_WAITING);
  EXPECT_THAT(Numbers(waiting), SizeIs(4));
  waiting.set_urgency(v1::CONVERSATION_URGENCY_ROUTINE);
  EXPECT_THAT(Numbers(waiting), ElementsAre("0101", "0102"));
  v1::ListConversationsRequest mine;
  mine.set_assignee("staff/desk");
  ASSERT_THAT(Assign(listed.entries(4), "staff/desk"), IsOk());
  EXPECT_THAT(Numbers(mine), ElementsAre("0102"));
}

TEST_P(ConversationDeskTest, RefusesAPageTokenOfAnotherQuery) {
  Text("hello", "+12125550101");
  Text("hello", "+12125550102");
  v1::ListConversationsRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request).next_page_token());
  request.set_state(v1::CONVERSATION_STATE_CLOSED);
  EXPECT_THAT(desk_.ListConversations(Staff(request), request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(ConversationDeskTest, ShowsTheTextsTheNewestFirst) {
  for (const char* text : {"one", "two", "three"}) Text(text);
  const std::string name = Conversation().name();
  const auto newest = Show(name, 2);
  ASSERT_THAT(newest.texts(), SizeIs(2));
  EXPECT_EQ(newest.texts(0).text(), "three");
  const auto oldest = Show(name, 2, newest.next_page_token());
  ASSERT_THAT(oldest.texts(), SizeIs(1));
  EXPECT_EQ(oldest.texts(0).text(), "one");
  EXPECT_NE(oldest.texts(0).automatic_answer(), "");
  EXPECT_EQ(oldest.next_page_token(), "");
}

TEST_P(ConversationDeskTest, AReplyIsQueuedOnceAndSeenWithItsDelivery) {
  Text("Can I come at 3?");
  const std::string id = store::NewUuid();
  ASSERT_OK_AND_ASSIGN(const v1::Message message, Reply(Conversation(), "Yes, at 3.", "", id));
  EXPECT_EQ(Reply(Conversation(), "Yes, at 3.", "", id)->name(), message.name());
  EXPECT_EQ(message.kind(), v1::MESSAGE_KIND_REPLY);
  EXPECT_EQ(message.appointment(), Conversation().name());
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_ANSWERED);
  const auto shown = Show(Conversation().name());
  ASSERT_THAT(shown.texts(), SizeIs(2));
  EXPECT_EQ(shown.texts(0).author(), "staff/desk");
  EXPECT_EQ(shown.texts(0).message(), message.name());
  EXPECT_EQ(shown.texts(0).delivery(), v1::MESSAGE_STATE_QUEUED);
}

TEST_P(ConversationDeskTest, WhatChangedSinceItWasReadIsReadAgain) {
  Text("hello");
  const v1::Conversation before = Conversation();
  Text("Forget it, I can't pee");
  for (const absl::Status& refused :
       {Reply(before, "Yes.", before.etag()).status(), Assign(before, "staff/1", before.etag()).status(),
        Close(before, before.etag()).status()}) {
    EXPECT_THAT(refused, FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  }
  EXPECT_EQ(Conversation().text_count(), 2);
  ASSERT_OK_AND_ASSIGN(const auto assigned, Assign(before, "staff/1", Conversation().etag()));
  EXPECT_EQ(assigned.etag(), Conversation().etag());
}

TEST_P(ConversationDeskTest, AClosedOneTakesNoAnswerUntilThePatientWritesAgain) {
  Text("hello");
  ASSERT_THAT(Close(Conversation()), IsOk());
  EXPECT_THAT(Reply(Conversation(), "Yes."), FailsWith(StatusCode::kFailedPrecondition, "CONVERSATION_CLOSED"));
  EXPECT_THAT(Show(Conversation().name()).texts(), SizeIs(1));
  Text("hello again");
  EXPECT_THAT(Reply(Conversation(), "Yes."), IsOk());
  EXPECT_THAT(Show(Conversation().name()).texts(), SizeIs(3));
}

TEST_P(ConversationDeskTest, WhoOptedOutIsNotAnsweredByText) {
  Text("hello");
  Text("STOP");
  EXPECT_THAT(Reply(Conversation(), "Yes."), FailsWith(StatusCode::kFailedPrecondition, "OPTED_OUT"));
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_WAITING) << "nothing happened";
}

TEST_P(ConversationDeskTest, SaysThatThereIsNoSuchConversation) {
  v1::Conversation none;
  none.set_name("conversations/6f1b1f0e-0000-4000-8000-000000000001");
  for (const absl::Status& refused : {Reply(none, "Yes.").status(), Assign(none, "").status(), Close(none).status(),
                                      conversations_.Get(none.name()).status()}) {
    EXPECT_THAT(refused, FailsWith(StatusCode::kNotFound, "CONVERSATION_NOT_FOUND"));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ConversationDeskTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
