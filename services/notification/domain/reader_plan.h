// How the messages of a plan reach their reader: by which channel, in which language and at which hour.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"
#include "services/notification/domain/plan.h"
#include "services/notification/domain/quiet_hours.h"

namespace lumbar::notification {

// What is known of a patient's wishes when a message is planned or sent.
struct Wishes {
  // An empty one if the patient never said.
  v1::Preferences preferences = {};
  // A text from this telephone number asked for no more texts.
  bool number_opted_out = false;
};

// Whether `wishes` forbid messages by `channel`.
bool IsOptedOut(const Wishes& wishes, v1::Channel channel);

// `plan` for `appointment` with its patient's messages by the channels and at the hours that suit them. What goes to a
// clinician or to the clinic's own system stays as it is.
//   - By the first channel wanted that can be used, by e-mail if there is none; what changes the calendar by e-mail
//     too, if that is wanted. Nothing by a channel that is opted out.
//   - Texts and reminders keep the quiet hours, as WhenToSend says. An offer that can't be texted is mailed.
Plan ForReader(Plan plan, const booking::v1::Appointment& appointment, const Wishes& wishes, absl::Time now);

// Whether a message that ended so goes to its patient by mail instead: a text that can't be had any more. Not an answer
// in a conversation, which the care team sees waiting again. `reason` is the message's.
bool GoesByMailInstead(const v1::Message& message, v1::MessageState state, absl::string_view reason);

// `appointment` with the language and the zone that its patient prefers.
booking::v1::Appointment InReadersWords(booking::v1::Appointment appointment, const v1::Preferences& preferences);

// Whether the quiet hours are kept with it. An e-mail that answers what somebody just did makes no noise.
bool KeepsQuietHours(v1::MessageKind kind, v1::Channel channel);

// When a message that is due at `due` goes out; it is planned, or about to be sent, at `now`. Outside the quiet hours:
// then. Otherwise at their end, if it is of use by then. What isn't:
//   a reminder   on the evening before, if that is to come; else at the end of the quiet, if the visit hasn't begun by
//                then; else not at all (nullopt)
//   an offer     not at all
//   otherwise    at once, quiet or not: whoever has to get up for a visit wants to know that it is canceled
std::optional<absl::Time> WhenToSend(v1::MessageKind kind, absl::Time due, absl::Time expires, absl::Time start,
                                     const QuietHours& quiet, absl::Time now);

}  // namespace lumbar::notification
