// How a conversation with a patient goes on: rules without a store.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "lumbar/notification/v1/conversation.pb.h"
#include "services/notification/domain/arrived_text.h"
#include "services/notification/domain/templates.h"
#include "services/notification/domain/text_scanner.h"

namespace lumbar::notification {

// Texts that a conversation holds.
inline constexpr int kMostTexts = 500;
// A closed one with fewer is opened again; otherwise a new one begins.
inline constexpr int kMostTextsToReopen = 250;
// While an emergency waits, what else the patient texts of it alerts the staff again after this time: who phones
// doesn't close a conversation, and the next text may be of another danger.
inline constexpr absl::Duration kAlertAgain = absl::Minutes(5);
// Texts of one number that are answered by the program itself within an hour: two machines would go on for ever.
inline constexpr int kMostAutomaticAnswers = 20;

// What is known of a number when it texts.
struct NumberStanding {
  bool opted_out = false;
  // How many of its texts the program answered within this hour.
  int64_t answered = 0;
  // The patient, if only one has it; empty: not known. And the language that is known of them.
  std::string patient = {};
  std::string language_code = {};
  // What it goes on with: the open one, or one that may be opened again.
  std::optional<v1::Conversation> conversation = std::nullopt;
};

// What becomes of a text.
struct TextOutcome {
  // For TextObserver.
  absl::string_view kind;
  // Whether the number wants no texts from now on; nullopt: as before.
  std::optional<bool> opted_out = std::nullopt;
  // As it shall be, with `text` in it; nullopt: the text goes to none.
  std::optional<v1::Conversation> conversation = std::nullopt;
  // nullopt: it isn't kept.
  std::optional<v1::ConversationText> text = std::nullopt;
  // Staff is told of an emergency.
  bool alert = false;
  // The automatic answer, in the language of that code; empty: in every language.
  std::optional<TextReply> reply = std::nullopt;
  std::string reply_language = {};
};

struct TextTerms {
  absl::Time now;
  // What the patient is promised.
  absl::Duration answer_within;
};

// What scanning found; nullopt: nobody looked.
using Scanned = std::optional<TextFindings>;

// Decides. A new conversation has no name yet.
TextOutcome Decide(const ArrivedText& text, const Scanned& scanned, const NumberStanding& standing,
                   const TextTerms& terms);

// The steps of the care team. Each fails with FAILED_PRECONDITION/CONVERSATION_CLOSED if it is closed.
absl::Status AssignTo(v1::Conversation& conversation, const std::string& assignee);
// Adds a text. NUMBER_NOT_ANSWERABLE; CONVERSATION_FULL.
absl::Status MarkAnswered(v1::Conversation& conversation);
absl::Status MarkClosed(v1::Conversation& conversation);

// An answer didn't reach the patient, who waits again; staff is told of it at once.
void AwaitAnswerAgain(v1::Conversation& conversation, absl::Time now);

}  // namespace lumbar::notification
