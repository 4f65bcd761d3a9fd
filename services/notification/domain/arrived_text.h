// A text as it is read: its sender's number made comparable, its bytes made UTF-8, its length bounded.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

#include "services/notification/domain/inbound_texts.h"
#include "services/notification/domain/text_keyword.h"

namespace lumbar::notification {

// Characters that are kept of a text: what a provider passes on as one.
inline constexpr int kLongestText = 1600;

struct ArrivedText {
  // E.164; of a sender who can't be answered what the provider calls it, at most 32 plain characters.
  std::string number;
  // False of an anonymous sender and of a short code.
  bool answerable = false;
  KeywordFound keyword;
  // UTF-8, at most kLongestText characters.
  std::string text;
  // It was longer.
  bool cut = false;
  // It wasn't UTF-8, or had a NUL in it.
  bool repaired = false;
  int attachments = 0;
  // What is scanned: more of it than is kept.
  std::string scanned;
  // There is yet more than that.
  bool scanned_in_part = false;
};

ArrivedText Arrive(const InboundText& text);

}  // namespace lumbar::notification
