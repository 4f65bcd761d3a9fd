// Where messages are kept from plan to end: a durable queue that several dispatchers share.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "common/store/mutation.h"
#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/alert_service.pb.h"
#include "lumbar/notification/v1/delivery.pb.h"
#include "lumbar/notification/v1/message.pb.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/notification/domain/plan.h"

namespace lumbar::notification {

// A message that this dispatcher alone may send until the lease ends.
struct ClaimedMessage {
  // `attempts` counts this one already, so that a crash counts too.
  v1::Message message;
  // Tells this claim from every later one.
  int64_t fence = 0;
  absl::Time lease_end;
  // An earlier claim was never settled: its process died, or couldn't say how it ended. It may have sent the message.
  bool recovered = false;
  // So may a try that ended without anybody knowing how. True also if recovered.
  bool doubtful = false;
  // Name, contact and slot, as they are in the latest version; of an offer those of VisitOnOffer.
  booking::v1::Appointment appointment;
  // Of a reply: what it says, and when the patient wrote last. Its appointment has only the patient and the number.
  std::string text = {};
  absl::Time patient_wrote = absl::InfinitePast();
  // Of one in doubt: what providers call the other messages about the same thing.
  std::vector<std::string> others = {};
  // Whose room it has taken (recipient_rate.h); empty: nobody's.
  std::string room = {};
};

// A claim ends with its lease at the latest; Claim is asked for none that is longer.
inline constexpr absl::Duration kLongestLease = absl::Minutes(2);

// How a claim ended.
struct Settlement {
  v1::MessageState state = v1::MESSAGE_STATE_UNSPECIFIED;
  std::string reason;
  int32_t attempts = 0;
  // SENT: when it was sent. QUEUED: when to try again.
  absl::Time time = absl::UnixEpoch();
  // QUEUED, DEAD: whether this try, or one before it, may have sent the message.
  bool doubtful = false;
  // SENT: who took it, and what that calls it.
  std::string provider = {};
  std::string provider_reference = {};
};

struct Settled {
  const ClaimedMessage* claimed = nullptr;
  Settlement settlement;
};

// What a provider says of a message that it took.
struct ProviderStatus {
  // Resource name.
  std::string message;
  std::string provider;
  std::string provider_reference;
  // SENT, DELIVERED or UNDELIVERED.
  v1::MessageState state = v1::MESSAGE_STATE_UNSPECIFIED;
  std::string reason = {};
};

struct MessageQuery {
  struct Position {
    absl::Time due_time;
    std::string name;
  };

  // Empty: of all appointments.
  std::string appointment;
  // Unspecified: in every state.
  v1::MessageState state = v1::MESSAGE_STATE_UNSPECIFIED;
  // Only what comes after it.
  std::optional<Position> after;
  int limit = 0;
};

// Names a change of a message: the last one until then. Their order is that of their times.
struct MessageChange {
  absl::Time time;
  std::string name = {};
  bool operator<(const MessageChange& other) const { return std::tie(time, name) < std::tie(other.time, other.name); }
};

struct Recorded {
  v1::RecordAppointmentEventResponse response;
  // How many queued messages the event dropped; 0 for a repeat.
  int64_t dropped = 0;
};

// Letters to the staff about one thing: more than a contract lets anybody raise.
inline constexpr int kMostAlerts = 100;

// Why a replay of many drops a message instead: it belongs to a conversation, and is older than this or the patient was
// answered since.
inline constexpr absl::string_view kStale = "STALE";
inline constexpr absl::Duration kConversationMoves = absl::Hours(24);

// Which messages that were given up are replayed.
struct ReplayTerms {
  // Empty: any.
  std::string reason = {};
  // When they were given up at the latest; later than now is now.
  absl::Time given_up_by = absl::InfiniteFuture();
  int32_t limit = 0;
};

struct Replayed {
  v1::ReplayDeadLettersResponse response;
  // How many it dropped; 0 for a repeat.
  int32_t dropped = 0;
};

struct Backlog {
  int64_t queued = 0;
  // When the oldest message that is due should have been sent; nullopt: none is due.
  std::optional<absl::Time> oldest_due;
};

// Thread safe and shared between processes. Every function can fail as store::Database does, with UNAVAILABLE for what
// a later call may get right.
class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // Takes `appointment` as the latest version, drops or keeps what is queued for earlier ones and queues the plan's
  // messages: all of it or nothing. A version that isn't later than the one taken last changes nothing and plans
  // nothing; a repeated mutation gets its first answer. INVALID_ARGUMENT/REQUEST_ID_REUSED: the same request_id came
  // with another body.
  virtual absl::StatusOr<Recorded> Record(const store::Mutation& mutation, const booking::v1::Appointment& appointment,
                                          const Plan& plan) = 0;

  // NOT_FOUND/MESSAGE_NOT_FOUND.
  virtual absl::StatusOr<v1::Message> Get(absl::string_view name) = 0;
  // At most `query.limit`, by due time and then name.
  virtual absl::StatusOr<std::vector<v1::Message>> List(const MessageQuery& query) = 0;

  // At most `limit` changes, in order: those after `after`, of messages that are in one of `states`, or in any if that
  // is empty. What is written while others are read may turn up later among them.
  virtual absl::StatusOr<std::vector<MessageChange>> Changes(const std::vector<v1::MessageState>& states,
                                                             const MessageChange& after, int limit) = 0;

  // Claims at most `limit` queued messages whose time has come, those to staff before all others, and then the
  // longest waiting. Nobody else gets them before `lease` has passed or Settle puts them back. One whose address has
  // had as many as it may get in an hour isn't claimed and waits until there may be room, with the reason
  // RECIPIENT_RATE. One of which something can't be read is left out until `lease` has passed, and logged.
  virtual absl::StatusOr<std::vector<ClaimedMessage>> Claim(int limit, absl::Duration lease) = 0;
  // The same, of messages to the staff alone.
  virtual absl::StatusOr<std::vector<ClaimedMessage>> ClaimForStaff(int limit, absl::Duration lease) = 0;
  // Saves how claims ended, in one transaction, and says for each in its place whether it is saved. What was sent is
  // saved as sent even if an event dropped the message meanwhile, or a provider told of an earlier try what became of
  // that, unless it arrived; a dropped message is never queued again.
  // ABORTED/CLAIM_LOST for one: the message was claimed again, or is not queued any more.
  virtual absl::StatusOr<std::vector<absl::Status>> SettleAll(absl::Span<const Settled> ended) = 0;
  absl::Status Settle(const ClaimedMessage& claimed, const Settlement& settlement) {
    const absl::StatusOr<std::vector<absl::Status>> saved = SettleAll({{&claimed, settlement}});
    return saved.ok() ? saved->front() : saved.status();
  }

  // Queues what was given up, for now and with all its tries; what may have been sent stays in doubt. A repeated
  // mutation gets its first answer. NOT_FOUND/MESSAGE_NOT_FOUND, FAILED_PRECONDITION/MESSAGE_NOT_DEAD.
  virtual absl::StatusOr<v1::ReplayDeadLetterResponse> Replay(const store::Mutation& mutation,
                                                              absl::string_view name) = 0;
  // The same for at most `terms.limit`, the oldest first. What is given up again afterwards was given up later than the
  // response's `given_up_by`. Those of a conversation that are stale are dropped and count towards the limit.
  virtual absl::StatusOr<Replayed> ReplayMany(const store::Mutation& mutation, const ReplayTerms& terms) = 0;

  // Keeps what a provider told of a text. A state only goes forward: from queued, dropped or dead to sent, and from
  // there to delivered or undelivered, which stays. A message that has no reference yet takes the one that is told;
  // what is told of another, of an earlier try, changes nothing. Returns whether anything changed; a message that isn't
  // there, or is no text, changes nothing.
  virtual absl::StatusOr<bool> RecordStatus(const ProviderStatus& status) = 0;

  // Queues a letter to the staff about `about`, to be claimed before all others. One of that kind with that number is
  // queued once. A repeated mutation gets its first answer.
  virtual absl::StatusOr<v1::RaiseAlertResponse> Alert(const store::Mutation& mutation, const std::string& about,
                                                       v1::MessageKind kind, int64_t number) = 0;

  virtual absl::StatusOr<Backlog> Measure() = 0;
};

}  // namespace lumbar::notification
