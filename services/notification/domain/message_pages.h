// Lists of messages, page by page.
#pragma once

#include <absl/status/statusor.h>

#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
absl::StatusOr<v1::ListMessagesResponse> ReadPage(MessageStore& messages, const v1::ListMessagesRequest& request);

}  // namespace lumbar::notification
