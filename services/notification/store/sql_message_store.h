// Messages in SQL.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/notification/domain/message_store.h"
#include "services/notification/domain/recipient_rate.h"

namespace lumbar::notification {

// Thread safe.
class SqlMessageStore : public MessageStore {
 public:
  // Both must outlive it; `database` is migrated. Replicas that share it have the same `rate`.
  SqlMessageStore(store::Database& database, const Clock& clock, RecipientRate rate = RecipientRate(0))
      : database_(database), clock_(clock), rate_(rate) {}

  absl::StatusOr<Recorded> Record(const store::Mutation& mutation, const booking::v1::Appointment& appointment,
                                  const Plan& plan) override;
  absl::StatusOr<v1::Message> Get(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::Message>> List(const MessageQuery& query) override;
  absl::StatusOr<std::vector<MessageChange>> Changes(const std::vector<v1::MessageState>& states,
                                                     const MessageChange& after, int limit) override;
  absl::StatusOr<std::vector<ClaimedMessage>> Claim(int limit, absl::Duration lease) override;
  absl::StatusOr<std::vector<ClaimedMessage>> ClaimForStaff(int limit, absl::Duration lease) override;
  absl::StatusOr<std::vector<absl::Status>> SettleAll(absl::Span<const Settled> ended) override;
  absl::StatusOr<v1::ReplayDeadLetterResponse> Replay(const store::Mutation& mutation, absl::string_view name) override;
  absl::StatusOr<Replayed> ReplayMany(const store::Mutation& mutation, const ReplayTerms& terms) override;
  absl::StatusOr<bool> RecordStatus(const ProviderStatus& status) override;
  absl::StatusOr<v1::RaiseAlertResponse> Alert(const store::Mutation& mutation, const std::string& about,
                                               v1::MessageKind kind, int64_t number) override;
  absl::StatusOr<Backlog> Measure() override;

 private:
  absl::StatusOr<std::vector<ClaimedMessage>> ClaimUpTo(int limit, absl::Duration lease, bool staff_only);

  store::Database& database_;
  const Clock& clock_;
  const RecipientRate rate_;
};

}  // namespace lumbar::notification
