// Conversations in SQL.
#pragma once

#include <string>
#include <vector>

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/notification/domain/conversation_store.h"
#include "services/notification/store/conversation_table.h"

namespace lumbar::notification {

// Thread safe.
class SqlConversationStore final : public ConversationStore {
 public:
  // Both must outlive it; `database` is migrated.
  SqlConversationStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<Received> Receive(const store::Mutation& mutation, const std::string& number,
                                   Decision decide) override;
  absl::StatusOr<std::vector<ConversationFound>> List(const ConversationQuery& query) override;
  absl::StatusOr<v1::Conversation> Get(const std::string& name) override;
  absl::StatusOr<std::vector<v1::ConversationText>> Texts(const std::string& name, int32_t position,
                                                          int limit) override;
  absl::StatusOr<v1::Conversation> Change(const store::Mutation& mutation, const std::string& name,
                                          const std::string& etag, Step step) override;
  absl::StatusOr<v1::Message> Reply(const store::Mutation& mutation, const std::string& name, const std::string& etag,
                                    Step step, v1::ConversationText text) override;
  absl::StatusOr<int> Escalate(int limit, bool alert) override;
  absl::StatusOr<int> Sweep(int limit) override;
  absl::StatusOr<ConversationBacklog> Measure() override;

 private:
  // An engine that lets one write at once has no locks of rows.
  Lock RowLock() const { return database_.engine_name() == "postgresql" ? Lock::kYes : Lock::kNo; }
  absl::StatusOr<ConversationRow> Advance(soci::session& session, const std::string& name, const std::string& etag,
                                          Step step);

  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::notification
