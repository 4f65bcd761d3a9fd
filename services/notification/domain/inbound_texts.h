// The port to who reads patients' texts.
#pragma once

#include <absl/status/statusor.h>

#include <string>

namespace lumbar::notification {

// A text as a provider passes it on, the provider's signature verified.
struct InboundText {
  // Numbers as the provider writes them, E.164 as a rule: whose it is, and which of the clinic's it came to.
  std::string from;
  std::string to;
  // UTF-8, and however long it is.
  std::string text;
  // Pictures and the like that came with it, or instead of it.
  int attachments = 0;
  // The provider and its name for the text, e.g. "twilio" and a message's SID. The same for every repeat.
  std::string provider = {};
  std::string provider_reference = {};
};

class InboundTexts {
 public:
  virtual ~InboundTexts() = default;

  // Takes the text and returns the answer that the provider sends back at once; empty: none. A repeat has no further
  // effect and gets the same answer. A failure makes the provider tell of it again.
  virtual absl::StatusOr<std::string> Receive(const InboundText& text) = 0;
};

}  // namespace lumbar::notification
