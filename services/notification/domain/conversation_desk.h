// What the care team does with patients' texts.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <utility>

#include "common/rpc/call_context.h"
#include "lumbar/notification/v1/conversation_calls.pb.h"
#include "services/notification/domain/conversation_store.h"

namespace lumbar::notification {

// Handlers of NotificationService. Thread safe.
class ConversationDesk {
 public:
  // `on_reply` is called after each reply that was queued, and returns at once. Both must outlive it.
  ConversationDesk(ConversationStore& conversations, std::function<void()> on_reply)
      : conversations_(conversations), on_reply_(std::move(on_reply)) {}

  // INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
  absl::StatusOr<v1::ListConversationsResponse> ListConversations(const rpc::CallContext& context,
                                                                  const v1::ListConversationsRequest& request);
  // NOT_FOUND/CONVERSATION_NOT_FOUND, INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
  absl::StatusOr<v1::GetConversationResponse> GetConversation(const rpc::CallContext& context,
                                                              const v1::GetConversationRequest& request);
  // These three: NOT_FOUND/CONVERSATION_NOT_FOUND, ABORTED/ETAG_MISMATCH, FAILED_PRECONDITION/CONVERSATION_CLOSED.
  absl::StatusOr<v1::AssignConversationResponse> AssignConversation(const rpc::CallContext& context,
                                                                    const v1::AssignConversationRequest& request);
  // FAILED_PRECONDITION: OPTED_OUT, NUMBER_NOT_ANSWERABLE, CONVERSATION_FULL.
  absl::StatusOr<v1::ReplyToConversationResponse> ReplyToConversation(const rpc::CallContext& context,
                                                                      const v1::ReplyToConversationRequest& request);
  absl::StatusOr<v1::CloseConversationResponse> CloseConversation(const rpc::CallContext& context,
                                                                  const v1::CloseConversationRequest& request);

 private:
  ConversationStore& conversations_;
  const std::function<void()> on_reply_;
};

}  // namespace lumbar::notification
