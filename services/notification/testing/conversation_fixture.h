// The desks that patients' texts go through, on a real store, with a scanner that tests make up.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/concurrency/mutex.h"
#include "common/rpc/testing.h"
#include "services/notification/domain/conversation_desk.h"
#include "services/notification/domain/escalation.h"
#include "services/notification/domain/text_desk.h"
#include "services/notification/store/sql_conversation_store.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {

// Finds an emergency in every text that says "pee", unless told to fail.
class ScriptedScanner final : public TextScanner {
 public:
  absl::StatusOr<TextFindings> Scan(absl::string_view text) override {
    ++asked_;
    if (!failure_.ok()) return failure_;
    const bool emergency = text.find("pee") != absl::string_view::npos;
    return TextFindings{emergency, emergency ? "en" : ""};
  }
  absl::Status failure_;
  std::atomic<int> asked_ = 0;
};

class CountingTexts final : public TextObserver {
 public:
  void Received(absl::string_view kind, bool answerable) override {
    const MutexLock lock(mutex_);
    ++counts_[std::string(kind) + (answerable ? "" : " unanswerable")];
  }
  void Escalated(int count) override {
    const MutexLock lock(mutex_);
    counts_["escalated"] += count;
  }
  // Once nobody counts any more.
  std::map<std::string, int> counts_;

 private:
  Mutex mutex_;
};

inline constexpr char kNumber[] = "+12125550123";
inline constexpr char kStaffEmail[] = "desk@clinic.example";

class ConversationFixture : public DispatcherTest {
 protected:
  void SetUp() override {
    DispatcherTest::SetUp();
    texts_ = std::make_unique<TextDesk>(TextDesk::Ports{conversations_, scanner_, *templates_, text_observer_, clock_,
                                                        absl::Minutes(30), true, [this] { ++woken_; }});
    dispatcher_ =
        std::make_unique<Dispatcher>(Dispatcher::Ports{messages_,
                                                       preferences_,
                                                       versions_,
                                                       calendar_,
                                                       {{v1::CHANNEL_EMAIL, &mailer_}, {v1::CHANNEL_SMS, &texter_}},
                                                       *templates_,
                                                       observer_,
                                                       clock_,
                                                       kStaffEmail});
  }

  // What the sender is told at once.
  std::string Text(const std::string& text, const std::string& from = kNumber) {
    return texts_->Receive({from, "+15005550006", text, 0, "twilio", store::NewUuid()}).value();
  }
  template <typename Request>
  rpc::CallContext Staff(const Request& request) {
    return rpc::TestContext(options::v1::ROLE_STAFF, "staff/desk", request);
  }
  v1::ListConversationsResponse List(const v1::ListConversationsRequest& request = {}) {
    return desk_.ListConversations(Staff(request), request).value();
  }
  // The only one.
  v1::Conversation Conversation() {
    const auto listed = List();
    EXPECT_EQ(listed.entries_size(), 1);
    return listed.entries(0);
  }
  v1::GetConversationResponse Show(const std::string& name, int page_size = 0, const std::string& token = "") {
    v1::GetConversationRequest request;
    request.set_name(name);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return desk_.GetConversation(Staff(request), request).value();
  }
  absl::StatusOr<v1::Message> Reply(const v1::Conversation& conversation, const std::string& text,
                                    const std::string& etag = "", const std::string& request_id = store::NewUuid()) {
    v1::ReplyToConversationRequest request;
    request.set_request_id(request_id);
    request.set_name(conversation.name());
    request.set_text(text);
    request.set_etag(etag);
    auto response = desk_.ReplyToConversation(Staff(request), request);
    if (!response.ok()) return response.status();
    return response->message();
  }
  absl::StatusOr<v1::Conversation> Close(const v1::Conversation& conversation, const std::string& etag = "") {
    v1::CloseConversationRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(conversation.name());
    request.set_etag(etag);
    auto response = desk_.CloseConversation(Staff(request), request);
    if (!response.ok()) return response.status();
    return response->conversation();
  }
  absl::StatusOr<v1::Conversation> Assign(const v1::Conversation& conversation, const std::string& assignee,
                                          const std::string& etag = "") {
    v1::AssignConversationRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(conversation.name());
    request.set_assignee(assignee);
    request.set_etag(etag);
    auto response = desk_.AssignConversation(Staff(request), request);
    if (!response.ok()) return response.status();
    return response->conversation();
  }

  SqlConversationStore conversations_{*database_, clock_};
  ScriptedScanner scanner_;
  ScriptedMailer texter_;
  CountingTexts text_observer_;
  std::unique_ptr<TextDesk> texts_;
  // How often the dispatcher would have been woken.
  std::atomic<int> woken_ = 0;
  ConversationDesk desk_{conversations_, [this] { ++woken_; }};
};

}  // namespace lumbar::notification
