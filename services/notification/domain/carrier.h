// The port to who takes messages over: a mail server, a text provider, a system of the clinic's own.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

// A file that mail programs offer to put into the reader's calendar.
struct CalendarPart {
  // As in the file, RFC 6047 wants it on the part too.
  std::string method;
  std::string text;
};

// A message as it goes out. Which fields count is up to its channel: an e-mail has all of them, a text only `text`, and
// of a webhook's request `text` is the JSON body.
struct Letter {
  // The same for every try of one message, so that a duplicate can be recognised.
  std::string id;
  std::string to_name;
  // An e-mail address, or a number in E.164; a webhook's address is its carrier's.
  std::string to_address;
  std::string subject;
  // The same content twice, UTF-8.
  std::string text;
  std::string html;
  std::optional<CalendarPart> calendar = std::nullopt;
  // No try of it was made before.
  absl::Time planned = absl::InfinitePast();
  // What providers call other messages about the same thing: one of them may say the same, and isn't this one.
  std::vector<std::string> others = {};
};

// How handing over a letter ended.
struct Handover {
  // OK: taken over. Otherwise as the function says.
  absl::Status status;
  // Who took it, and what that calls it, e.g. "twilio" and a message's SID; empty: it doesn't say.
  std::string provider = {};
  std::string reference = {};
  // How long the provider wants to be left alone.
  absl::Duration retry_after = absl::ZeroDuration();
  // Of UNAVAILABLE: whether it is about this letter, and the provider may well take the next one.
  bool of_letter = false;
};

// How long a carrier may take to find out that nobody answers there; all that one may take for a call; and how late
// another provider may still be tried after it. Of several the last may begin so late, and takes all of its time.
inline constexpr absl::Duration kConnectTime = absl::Seconds(4);
inline constexpr absl::Duration kCarrierTime = absl::Seconds(20);
inline constexpr absl::Duration kLatestTry = absl::Seconds(6);
static_assert(kConnectTime < kLatestTry, "or a provider that isn't there would keep the next from being tried");

// How long a provider is left alone at most, whatever it asks for: one wrong header must not stop a channel.
inline constexpr absl::Duration kLongestRest = absl::Minutes(5);

// Thread safe.
class Carrier {
 public:
  virtual ~Carrier() = default;

  // Hands the letter over. Blocks for kCarrierTime at most, several providers together for kLatestTry longer. Fails
  // with a reason of its own and FAILED_PRECONDITION: never try again. UNKNOWN: it may have been taken. UNAVAILABLE,
  // RESOURCE_EXHAUSTED: it was not taken; try later.
  virtual Handover Send(const Letter& letter) = 0;

  // Whether a letter that may have been taken was, for the try after it. Blocks as Send does.
  // NOT_FOUND/NEVER_TAKEN: it was not.
  // UNIMPLEMENTED/OUTCOME_UNKNOWN: nobody can tell. It is sent again under the same id.
  // UNAVAILABLE: ask later. RESOURCE_EXHAUSTED: so, and nobody was bothered.
  virtual Handover Ask(const Letter& letter) = 0;
  // Whether Ask asks anybody. Otherwise it is UNIMPLEMENTED at once, however the provider is.
  virtual bool CanAsk() const { return true; }
};

// One for each channel in use. They outlive whoever has it.
using Carriers = std::map<v1::Channel, Carrier*>;

}  // namespace lumbar::notification
