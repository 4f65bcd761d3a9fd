// How many messages one telephone or mailbox gets, however many are planned for it.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// At most so many in any hour: three quarters of them may come at once, the others evenly (GCRA). Its state is one
// time, at which the next would come if all came evenly.
class RecipientRate {
 public:
  // 0: no limit.
  explicit RecipientRate(int per_hour);

  bool is_limited() const { return interval_ > absl::ZeroDuration(); }
  // How much later that time is after each message.
  absl::Duration interval() const { return interval_; }
  // How far ahead of now it may be when one more comes.
  absl::Duration slack() const { return slack_; }

 private:
  absl::Duration interval_;
  absl::Duration slack_;
};

// Whose room `claimed` takes at `now`: a digest of the address, because nothing needs the address itself. Empty: it is
// sent, or dropped, without. A limit is there for what patients are told of a visit; it never holds back that a visit
// is off, what a person writes to them, or what goes to somebody else.
std::string RoomFor(const ClaimedMessage& claimed, absl::Time now);

// Whether the room that `claimed` took stays taken when it ends so: the message was sent, or this try may have sent it.
bool KeepsRoom(const ClaimedMessage& claimed, const Settlement& settlement);

}  // namespace lumbar::notification
