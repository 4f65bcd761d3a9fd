#include "services/notification/domain/conversation_desk.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"

namespace lumbar::notification {
namespace {

std::string QueryOf(const v1::ListConversationsRequest& request) {
  return absl::StrCat(request.state(), " ", request.urgency(), " ", request.assignee());
}

std::string TokenAfter(const ConversationPosition& last, const v1::ListConversationsRequest& request) {
  return store::EncodePageToken(absl::StrCat(last.place, " ", absl::ToUnixMicros(last.since), " ", last.name),
                                QueryOf(request));
}

absl::StatusOr<std::optional<ConversationPosition>> PositionOf(const v1::ListConversationsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), QueryOf(request)));
  if (key.empty()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(key, ' ');
  ConversationPosition position;
  int64_t since = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &position.place) || !absl::SimpleAtoi(parts[1], &since)) {
    return store::InvalidPageToken();
  }
  position.since = absl::FromUnixMicros(since);
  position.name = parts[2];
  return position;
}

// Before which of its texts a page begins.
absl::StatusOr<int32_t> TextPositionOf(const v1::GetConversationRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), request.name()));
  int32_t position = std::numeric_limits<int32_t>::max();
  if (!key.empty() && !absl::SimpleAtoi(key, &position)) return store::InvalidPageToken();
  return position;
}

}  // namespace

absl::StatusOr<v1::ListConversationsResponse> ConversationDesk::ListConversations(
    const rpc::CallContext&, const v1::ListConversationsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  ConversationQuery query{request.state(), request.urgency(), request.assignee(), std::nullopt, page_size + 1};
  LUMBAR_ASSIGN_OR_RETURN(query.after, PositionOf(request));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<ConversationFound> found, conversations_.List(query));

  v1::ListConversationsResponse response;
  const bool more = static_cast<int>(found.size()) > page_size;
  if (more) found.pop_back();
  if (more) response.set_next_page_token(TokenAfter(found.back().position, request));
  for (ConversationFound& one : found) {
    response.add_conversations(one.conversation.name());
    *response.add_entries() = std::move(one.conversation);
  }
  return response;
}

absl::StatusOr<v1::GetConversationResponse> ConversationDesk::GetConversation(
    const rpc::CallContext&, const v1::GetConversationRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  LUMBAR_ASSIGN_OR_RETURN(const int32_t before, TextPositionOf(request));
  v1::GetConversationResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_conversation(), conversations_.Get(request.name()));
  LUMBAR_ASSIGN_OR_RETURN(auto texts, conversations_.Texts(request.name(), before, page_size));
  // The first text has position 1: before it there is none.
  if (!texts.empty() && texts.back().position() > 1) {
    response.set_next_page_token(store::EncodePageToken(absl::StrCat(texts.back().position()), request.name()));
  }
  for (v1::ConversationText& text : texts) *response.add_texts() = std::move(text);
  return response;
}

absl::StatusOr<v1::AssignConversationResponse> ConversationDesk::AssignConversation(
    const rpc::CallContext& context, const v1::AssignConversationRequest& request) {
  v1::AssignConversationResponse response;
  LUMBAR_ASSIGN_OR_RETURN(
      *response.mutable_conversation(),
      conversations_.Change(context.mutation(), request.name(), request.etag(), [&](v1::Conversation& conversation) {
        return AssignTo(conversation, request.assignee());
      }));
  return response;
}

absl::StatusOr<v1::ReplyToConversationResponse> ConversationDesk::ReplyToConversation(
    const rpc::CallContext& context, const v1::ReplyToConversationRequest& request) {
  v1::ConversationText text;
  text.set_direction(v1::TEXT_DIRECTION_OUTBOUND);
  text.set_author(context.caller().subject);
  text.set_text(request.text());
  v1::ReplyToConversationResponse response;
  LUMBAR_ASSIGN_OR_RETURN(
      *response.mutable_message(),
      conversations_.Reply(context.mutation(), request.name(), request.etag(), &MarkAnswered, std::move(text)));
  on_reply_();
  return response;
}

absl::StatusOr<v1::CloseConversationResponse> ConversationDesk::CloseConversation(
    const rpc::CallContext& context, const v1::CloseConversationRequest& request) {
  v1::CloseConversationResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_conversation(),
                          conversations_.Change(context.mutation(), request.name(), request.etag(), &MarkClosed));
  return response;
}

}  // namespace lumbar::notification
