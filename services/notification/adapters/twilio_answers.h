// What Twilio's answers mean.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "services/notification/adapters/http_exchange.h"
#include "services/notification/domain/carrier.h"

namespace lumbar::notification {

// How a text fared, by the answer to the request that sent it; without the provider's name.
//   201 with a SID          taken
//   2xx without, 408, 5xx   unknown: it may have been taken; but a 503 says that it wasn't
//   429, 503, 3xx           not taken, later, and not before Retry-After
//   401, 404, 20003, ...    not taken: it is the account and every text of it; later, or by another provider
//   21610                   the patient opted out at the provider
//   21211, ...              refused for good: this number or text, whoever sends it
//   any other 4xx           not taken: this text by this account, and maybe no other; later, or by another provider
Handover TakenOrNot(const HttpAnswer& answer);

// Whether a refusal (4xx) is about the text or its number, and the provider is well.
bool IsOfText(const HttpAnswer& answer);

struct ListedText {
  std::string reference;
  std::string body;
  absl::Time created;
};

struct MessagePage {
  // The newest first.
  std::vector<ListedText> texts;
  // The path of the next page; empty: this is the last.
  std::string next;
};

// Nothing if `body` isn't what Twilio's list looks like.
std::optional<MessagePage> ReadMessagePage(absl::string_view body);

struct PageSearch {
  std::string reference;
  // Whether looking on is of no use.
  bool ended = false;
};

// The text of the page that `letter` would have become.
PageSearch Find(const Letter& letter, const MessagePage& page);

}  // namespace lumbar::notification
