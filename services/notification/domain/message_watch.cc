#include "services/notification/domain/message_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "common/rpc/change_stream.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"

namespace lumbar::notification {
namespace {

// Everything in the request that decides which changes the stream has.
std::string QueryOf(v1::WatchMessagesRequest request) {
  request.clear_resume_token();
  return request.SerializeAsString();
}

class StoredChanges final : public rpc::Changes<MessageChange, v1::WatchMessagesResponse> {
 public:
  StoredChanges(MessageStore& messages, std::vector<v1::MessageState> states)
      : messages_(messages), states_(std::move(states)) {}

  absl::StatusOr<std::vector<MessageChange>> Keys(const MessageChange& after, int limit) override {
    return messages_.Changes(states_, after, limit);
  }

  absl::StatusOr<bool> Read(const MessageChange& key, v1::WatchMessagesResponse& response) override {
    absl::StatusOr<v1::Message> message = messages_.Get(key.name);
    if (absl::IsNotFound(message.status())) return false;
    if (!message.ok()) return message.status();
    // What has changed since is told as the later change.
    if (FromProto(message->update_time()) != key.time) return false;
    *response.mutable_message() = *std::move(message);
    return true;
  }

 private:
  MessageStore& messages_;
  const std::vector<v1::MessageState> states_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> MessageWatch::WatchMessages(
    const rpc::CallContext&, const v1::WatchMessagesRequest& request) {
  std::vector<v1::MessageState> states;
  states.reserve(static_cast<size_t>(request.states_size()));
  for (const int state : request.states()) states.push_back(static_cast<v1::MessageState>(state));
  return rpc::ChangeStream<MessageChange, v1::WatchMessagesResponse>::Open(
      std::make_unique<StoredChanges>(messages_, std::move(states)), clock_, QueryOf(request), request.resume_token());
}

}  // namespace lumbar::notification
