// Where conversations with patients are kept.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/store/mutation.h"
#include "lumbar/notification/v1/conversation.pb.h"
#include "lumbar/notification/v1/conversation_calls.pb.h"
#include "lumbar/notification/v1/message.pb.h"
#include "services/notification/domain/conversation.h"

namespace lumbar::notification {

// Where a page of the list ended.
struct ConversationPosition {
  int64_t place = 0;
  absl::Time since;
  std::string name;
};

struct ConversationQuery {
  // Unspecified, empty: all.
  v1::ConversationState state = v1::CONVERSATION_STATE_UNSPECIFIED;
  v1::ConversationUrgency urgency = v1::CONVERSATION_URGENCY_UNSPECIFIED;
  std::string assignee;
  std::optional<ConversationPosition> after;
  int limit = 0;
};

struct ConversationFound {
  v1::Conversation conversation;
  ConversationPosition position;
};

// What became of a text, and what its sender is told at once.
struct Taken {
  TextOutcome outcome;
  std::string answer;
};

struct Received {
  v1::ReceiveTextResponse response;
  // Empty of a repeat.
  std::optional<TextOutcome> outcome;
};

struct ConversationBacklog {
  int64_t waiting = 0;
  // Since when the patient waits who waits longest; nullopt: nobody does.
  std::optional<absl::Time> oldest;
};

// Thread safe and shared between processes. Every function can fail as store::Database does, with UNAVAILABLE for what
// a later call may get right. A repeated mutation gets its first answer; INVALID_ARGUMENT/REQUEST_ID_REUSED.
class ConversationStore {
 public:
  // Decides what becomes of a text. It may run again, and calls nothing but what it was given.
  using Decision = absl::FunctionRef<absl::StatusOr<Taken>(const NumberStanding& standing)>;
  // One step of the care team; its failure is the call's, and changes nothing.
  using Step = absl::FunctionRef<absl::Status(v1::Conversation& conversation)>;

  virtual ~ConversationStore() = default;

  // Does what is decided for a text of `number`, the standing being that of this moment: opt-out, conversation, text
  // and the message that alerts the staff are kept with the answer, all of it or nothing. Of one number's texts one is
  // decided after the other.
  virtual absl::StatusOr<Received> Receive(const store::Mutation& mutation, const std::string& number,
                                           Decision decide) = 0;

  // At most `query.limit`, in the order of ListConversations.
  virtual absl::StatusOr<std::vector<ConversationFound>> List(const ConversationQuery& query) = 0;
  // NOT_FOUND/CONVERSATION_NOT_FOUND.
  virtual absl::StatusOr<v1::Conversation> Get(const std::string& name) = 0;
  // At most `limit` of its texts before `position`, the newest first, each with where its message stands.
  virtual absl::StatusOr<std::vector<v1::ConversationText>> Texts(const std::string& name, int32_t position,
                                                                  int limit) = 0;

  // NOT_FOUND/CONVERSATION_NOT_FOUND, ABORTED/ETAG_MISMATCH if `etag` isn't empty and not the present one.
  virtual absl::StatusOr<v1::Conversation> Change(const store::Mutation& mutation, const std::string& name,
                                                  const std::string& etag, Step step) = 0;
  // The same, keeps `text` as the next one and queues the message that brings it.
  // FAILED_PRECONDITION/OPTED_OUT: the number wants no texts.
  virtual absl::StatusOr<v1::Message> Reply(const store::Mutation& mutation, const std::string& name,
                                            const std::string& etag, Step step, v1::ConversationText text) = 0;

  // Marks at most `limit` conversations as escalated whose time has come, each once, whoever else does the same; with
  // `alert` it queues a message to the staff for each. Returns how many.
  virtual absl::StatusOr<int> Escalate(int limit, bool alert) = 0;
  // Forgets numbers' counts of hours gone by, at most `limit`; returns how many.
  virtual absl::StatusOr<int> Sweep(int limit) = 0;
  virtual absl::StatusOr<ConversationBacklog> Measure() = 0;
};

}  // namespace lumbar::notification
