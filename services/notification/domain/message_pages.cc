#include "services/notification/domain/message_pages.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"

namespace lumbar::notification {
namespace {

std::string QueryOf(const v1::ListMessagesRequest& request) {
  return absl::StrCat(request.appointment(), " ", request.state());
}

std::string TokenAfter(const v1::Message& last, const v1::ListMessagesRequest& request) {
  const int64_t micros = absl::ToUnixMicros(FromProto(last.due_time()));
  return store::EncodePageToken(absl::StrCat(micros, " ", last.name()), QueryOf(request));
}

absl::StatusOr<std::optional<MessageQuery::Position>> PositionOf(const v1::ListMessagesRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), QueryOf(request)));
  if (key.empty()) return std::nullopt;
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits(' ', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) return store::InvalidPageToken();
  return MessageQuery::Position{absl::FromUnixMicros(micros), parts.second};
}

}  // namespace

absl::StatusOr<v1::ListMessagesResponse> ReadPage(MessageStore& messages, const v1::ListMessagesRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  MessageQuery query{request.appointment(), request.state(), std::nullopt, page_size + 1};
  LUMBAR_ASSIGN_OR_RETURN(query.after, PositionOf(request));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Message> found, messages.List(query));

  v1::ListMessagesResponse response;
  const bool more = static_cast<int>(found.size()) > page_size;
  if (more) found.pop_back();
  if (more) response.set_next_page_token(TokenAfter(found.back(), request));
  for (v1::Message& message : found) *response.add_messages() = std::move(message);
  return response;
}

}  // namespace lumbar::notification
