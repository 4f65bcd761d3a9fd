// Takes patients' texts: answers what can be answered at once, and keeps the rest for the care team.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>
#include <utility>

#include "common/rpc/call_context.h"
#include "common/store/mutation.h"
#include "common/time/clock.h"
#include "lumbar/notification/v1/conversation_calls.pb.h"
#include "services/notification/domain/arrived_text.h"
#include "services/notification/domain/conversation_store.h"
#include "services/notification/domain/inbound_texts.h"
#include "services/notification/domain/templates.h"
#include "services/notification/domain/text_observer.h"
#include "services/notification/domain/text_scanner.h"

namespace lumbar::notification {

// Also a handler of NotificationService. Thread safe.
class TextDesk final : public InboundTexts {
 public:
  // What it stands on must outlive it.
  struct Ports {
    ConversationStore& conversations;
    TextScanner& scanner;
    const Templates& templates;
    TextObserver& observer;
    const Clock& clock;
    // How long a patient is to wait for a person's answer at most.
    absl::Duration answer_within = absl::Minutes(30);
    // Whether there is somebody who can be alerted.
    bool alerts = true;
    // Called after each text that queued a message; returns at once.
    std::function<void()> on_message = [] {};
  };

  explicit TextDesk(Ports ports) : ports_(std::move(ports)) {}

  // STOP and START, and what says the same, hold from then on for the number that they came from. Every other text but
  // HELP and CANCEL is scanned for emergencies and goes to the number's conversation. Nothing is scanned twice to get
  // another answer: a repeat gets the first. Fails as ConversationStore: nothing happened.
  absl::StatusOr<std::string> Receive(const InboundText& text) override;
  absl::StatusOr<v1::ReceiveTextResponse> ReceiveText(const rpc::CallContext& context,
                                                      const v1::ReceiveTextRequest& request);

 private:
  absl::StatusOr<v1::ReceiveTextResponse> Take(const store::Mutation& mutation, const InboundText& inbound);
  Scanned Scan(const ArrivedText& text) const;
  absl::StatusOr<std::string> AnswerOf(const TextOutcome& outcome) const;

  const Ports ports_;
};

}  // namespace lumbar::notification
