// The port to the mail server.
#pragma once

#include <absl/status/status.h>

#include <optional>
#include <string>

namespace lumbar::notification {

// A file that mail programs offer to put into the reader's calendar.
struct CalendarPart {
  // As in the file, RFC 6047 wants it on the part too.
  std::string method;
  std::string text;
};

struct Letter {
  // The same for every try of one message, so that a duplicate can be recognised.
  std::string id;
  std::string to_name;
  std::string to_address;
  std::string subject;
  // The same content twice, UTF-8.
  std::string text;
  std::string html;
  std::optional<CalendarPart> calendar = std::nullopt;
};

class Mailer {
 public:
  virtual ~Mailer() = default;

  // Hands the letter to the mail server. Blocks for kLongestSend at most. OK: the server has taken it over.
  // FAILED_PRECONDITION/MAIL_REFUSED: never try again.
  // UNKNOWN/MAIL_OUTCOME_UNKNOWN: it may have been taken.
  // UNAVAILABLE/MAIL_UNREACHABLE, UNAVAILABLE/MAIL_DEFERRED: it was not taken; try later.
  virtual absl::Status Send(const Letter& letter) = 0;
};

}  // namespace lumbar::notification
