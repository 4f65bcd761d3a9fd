#include "services/notification/adapters/twilio_answers.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// How far our clock and the provider's may be apart.
constexpr absl::Duration kMostSkew = absl::Seconds(30);

using nlohmann::json;

// Twilio's error codes.
constexpr int kOptedOut = 21610;
// Of this number or this text, whoever sends it: no number, not one that takes texts, no or too long a text. Whatever
// else a provider says is about the account, its sender or its permissions, or is no word of Twilio's.
constexpr int kForGood[] = {21211, 21214, 21217, 21265, 21266, 21602, 21604, 21614, 21617, 21635};

// Of the account itself, so that it takes no text at all: not logged in, not active, not allowed in.
constexpr int kOfAccount[] = {20003, 20005, 20006};

// Whether it can be a name in a callback's path, a column and a log.
bool IsReference(const std::string& text) {
  return text.size() > 2 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isalnum(c); });
}

std::string TextMember(const json& object, const char* name) {
  const auto member = object.is_object() ? object.find(name) : object.end();
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

json Parse(absl::string_view body) { return json::parse(body.begin(), body.end(), nullptr, false); }

int ErrorCode(const std::string& body) {
  const json error = Parse(body);
  if (!error.is_object()) return 0;
  const auto code = error.find("code");
  return code != error.end() && code->is_number_integer() ? code->get<int>() : 0;
}

absl::Status Refusal(int http, int code) {
  if (code == kOptedOut) return OptedOut();
  const bool for_good = std::find(std::begin(kForGood), std::end(kForGood), code) != std::end(kForGood);
  return for_good ? SmsRefused(code) : SmsAccount(code == 0 ? http : code);
}

bool IsRefusal(int http) { return http >= 400 && http < 500 && http != 408 && http != 429; }

Handover Taken(const std::string& body) {
  std::string reference = TextMember(Parse(body), "sid");
  if (!IsReference(reference)) return {SmsOutcomeUnknown()};
  return {absl::OkStatus(), "", std::move(reference)};
}

}  // namespace

bool IsOfText(const HttpAnswer& answer) {
  if (!IsRefusal(answer.code) || answer.code == 401 || answer.code == 404) return false;
  const int code = ErrorCode(answer.body);
  return std::find(std::begin(kOfAccount), std::end(kOfAccount), code) == std::end(kOfAccount);
}

Handover TakenOrNot(const HttpAnswer& answer) {
  const int code = answer.code;
  if (code >= 200 && code < 300) return Taken(answer.body);
  if (code == 429 || code == 503) return {SmsDeferred(code), "", "", answer.retry_after};
  if (code >= 300 && code < 400) return {SmsDeferred(code)};
  if (!IsRefusal(code)) return {SmsOutcomeUnknown(), "", "", answer.retry_after};
  return {Refusal(code, ErrorCode(answer.body)), "", "", absl::ZeroDuration(), IsOfText(answer)};
}

std::optional<MessagePage> ReadMessagePage(absl::string_view body) {
  const json page = Parse(body);
  if (!page.is_object() || !page.contains("messages") || !page["messages"].is_array()) return std::nullopt;
  MessagePage read;
  for (const json& text : page["messages"]) {
    ListedText listed = {TextMember(text, "sid"), TextMember(text, "body"), absl::InfinitePast()};
    std::string ignored;
    const bool dated =
        absl::ParseTime("%a, %d %b %Y %H:%M:%S %z", TextMember(text, "date_created"), &listed.created, &ignored);
    if (!dated || !IsReference(listed.reference)) return std::nullopt;
    read.texts.push_back(std::move(listed));
  }
  read.next = TextMember(page, "next_page_uri");
  if (!read.next.empty() && !absl::StartsWith(read.next, "/")) return std::nullopt;
  return read;
}

PageSearch Find(const Letter& letter, const MessagePage& page) {
  // Twilio tells whole seconds, by a clock of its own.
  const absl::Time planned = absl::FromUnixSeconds(absl::ToUnixSeconds(letter.planned)) - kMostSkew;
  for (const ListedText& text : page.texts) {
    if (text.created < planned) return {"", true};
    const bool says_the_same = absl::StripAsciiWhitespace(text.body) == absl::StripAsciiWhitespace(letter.text);
    if (says_the_same && !absl::c_linear_search(letter.others, text.reference)) return {text.reference};
  }
  return {"", page.next.empty()};
}

}  // namespace lumbar::notification
