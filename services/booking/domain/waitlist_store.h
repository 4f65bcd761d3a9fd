// The ports to the waitlist. An offer is a hold, so that what appointment_store.h guarantees of times holds for offers,
// too: whatever races, from any number of replicas, a time is on offer to one person at most, a person has one offer at
// most, and an answer before the offer's expiry always succeeds. Mutations are answered once for each request_id.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/store/mutation.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/waitlist_rules.h"

namespace lumbar::booking {

// How many places a patient may have at once.
inline constexpr int kLivePlaces = 5;

// Which entries to list, by when they were made and then by name.
struct WaitlistQuery {
  // Only this patient's; empty: anybody's.
  std::string patient;
  struct Position {
    absl::Time create_time;
    std::string name;
  };
  // After this one; nothing: from the first.
  std::optional<Position> after;
  int limit = 50;
};

// What patients do.
class WaitlistStore {
 public:
  virtual ~WaitlistStore() = default;

  // Takes the patient on under a new name. If `wanted` is a refusal: the earlier answer to this request, or that
  // refusal. ALREADY_EXISTS/ALREADY_WAITING, RESOURCE_EXHAUSTED/TOO_MANY_WAITLIST_ENTRIES.
  virtual absl::StatusOr<v1::JoinWaitlistResponse> Join(const store::Mutation& mutation,
                                                        const absl::StatusOr<v1::WaitlistEntry>& wanted) = 0;
  // As it is now. NOT_FOUND/WAITLIST_ENTRY_NOT_FOUND.
  virtual absl::StatusOr<v1::WaitlistEntry> Get(absl::string_view name) = 0;
  virtual absl::StatusOr<std::vector<v1::WaitlistEntry>> List(const WaitlistQuery& query) = 0;
  // As Accepted, Declined and Left in waitlist_rules.h, and NOT_FOUND/WAITLIST_ENTRY_NOT_FOUND. An accepted offer's
  // hold lasts `lifetime` from then on, or as long as the offer would have; never beyond the begin of the visit. A time
  // that was declined or left is free at once.
  virtual absl::StatusOr<v1::AcceptOfferResponse> Accept(const store::Mutation& mutation, absl::string_view name,
                                                         absl::string_view etag, absl::Duration lifetime) = 0;
  virtual absl::StatusOr<v1::DeclineOfferResponse> Decline(const store::Mutation& mutation, absl::string_view name,
                                                           absl::string_view etag) = 0;
  virtual absl::StatusOr<v1::LeaveWaitlistResponse> Leave(const store::Mutation& mutation, absl::string_view name,
                                                          absl::string_view etag) = 0;
};

// A stretch of one clinician's time in which something may have come free.
struct FreedTime {
  // Empty: nobody noted it; a hold ran out.
  std::string id;
  std::string clinician;
  TickRange ticks;
};

// Whom a time might fit.
struct TurnQuery {
  std::string visit_type;
  absl::Time start;
  std::string clinician;
  // Where the clinician has licences.
  std::vector<std::string> states;
  // After this one; nothing: from the first.
  std::optional<Turn> after;
  int limit = 50;
};

// What the matcher does.
class WaitlistQueue {
 public:
  virtual ~WaitlistQueue() = default;

  // Whether anybody waits or has an offer: otherwise nothing else here is worth asking.
  virtual absl::StatusOr<bool> AnyLive() = 0;
  // Writes down what AsOf says of at most `limit` entries whose time is over. Returns how many there were.
  virtual absl::StatusOr<int> SettleDue(int limit) = 0;

  // At most `limit` stretches that were noted as freed: by a visit called off or moved, a hold given back, new hours.
  // The note is there until Handled.
  virtual absl::StatusOr<std::vector<FreedTime>> Freed(int limit) = 0;
  virtual absl::Status Handled(const FreedTime& freed) = 0;
  // Of holds that expired after `since` and until now: at most `limit`, those that expired first, and when the last of
  // them did; all of them: now.
  struct Expired {
    std::vector<FreedTime> freed;
    absl::Time until;
  };
  virtual absl::StatusOr<Expired> ExpiredSince(absl::Time since, int limit) = 0;
  // The latest begin that anybody waits for, of this visit type; nothing if nobody does.
  virtual absl::StatusOr<std::optional<absl::Time>> LatestWanted(absl::string_view visit_type) = 0;

  // Those who wait, in turn, who might have the time, and have no offer. Whether it really fits is for OfferFor to say.
  virtual absl::StatusOr<std::vector<v1::WaitlistEntry>> InTurn(const TurnQuery& query) = 0;
  // Puts the time on offer, and tells the patient of it through the outbox: all or nothing.
  // ALREADY_EXISTS/SLOT_TAKEN: somebody has the time. FAILED_PRECONDITION/NOT_A_SLOT: it has begun.
  // ABORTED/ETAG_MISMATCH: the entry isn't as it was, or the patient has another offer.
  virtual absl::Status MakeOffer(const v1::WaitlistEntry& entry, const NewHold& wanted) = 0;

  // At most `limit` waiting entries for which nobody looked since `before`; those that waited longest for that first.
  // This process alone looks for them now.
  virtual absl::StatusOr<std::vector<v1::WaitlistEntry>> ClaimLooks(absl::Time before, int limit) = 0;
};

}  // namespace lumbar::booking
