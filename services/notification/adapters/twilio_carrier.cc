#include "services/notification/adapters/twilio_carrier.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "common/status/macros.h"
#include "services/notification/adapters/twilio_answers.h"
#include "services/notification/domain/form.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// Ten texts to one number since a message was planned are many; this is beyond what anybody may send.
constexpr int kMostPages = 5;
// For all of them together.
constexpr std::chrono::seconds kListTime(15);

}  // namespace

absl::StatusOr<std::unique_ptr<TwilioCarrier>> TwilioCarrier::Create(TwilioOptions options, HttpOptions http) {
  if (!RE2::FullMatch(options.name, "[a-z0-9-]{1,32}")) return SmsProvider("name");
  if (!RE2::FullMatch(options.base_url, "https?://[^/?#@]+")) return SmsProvider("URL");
  if (!RE2::FullMatch(options.account, "AC[0-9a-zA-Z]{1,64}")) return SmsProvider("account");
  if (options.token.empty()) return SmsProvider("token");
  if (!RE2::FullMatch(options.from, "[+][1-9][0-9]{6,14}|MG[0-9a-zA-Z]{1,64}")) return SmsProvider("sender");
  return std::unique_ptr<TwilioCarrier>(new TwilioCarrier(std::move(options), std::move(http)));
}

TwilioCarrier::TwilioCarrier(TwilioOptions options, HttpOptions http)
    : options_(std::move(options)), http_(std::move(http)) {}

absl::StatusOr<HttpAnswer> TwilioCarrier::Exchange(const std::string& path, std::string body, absl::Duration timeout) {
  return http_.Do({absl::StrCat(options_.base_url, path),
                   {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"},
                   std::move(body),
                   options_.account,
                   options_.token,
                   timeout});
}

Handover TwilioCarrier::Send(const Letter& letter) {
  Form form = {{"To", letter.to_address}, {"Body", letter.text}};
  form.emplace_back(absl::StartsWith(options_.from, "MG") ? "MessagingServiceSid" : "From", options_.from);
  if (!options_.status_url.empty()) {
    form.emplace_back("StatusCallback", absl::StrCat(options_.status_url, "?message=", letter.id));
  }
  const absl::StatusOr<HttpAnswer> answer =
      Exchange(absl::StrCat("/2010-04-01/Accounts/", options_.account, "/Messages.json"), EncodeForm(form));
  if (!answer.ok()) {
    return {absl::IsUnknown(answer.status()) ? SmsOutcomeUnknown() : SmsUnreachable(answer.status().message()),
            options_.name};
  }
  Handover handover = TakenOrNot(*answer);
  handover.provider = options_.name;
  return handover;
}

Handover TwilioCarrier::Ask(const Letter& letter) {
  std::string path = absl::StrCat("/2010-04-01/Accounts/", options_.account, "/Messages.json?",
                                  EncodeForm({{"To", letter.to_address}, {"PageSize", "100"}}));
  const auto end = std::chrono::steady_clock::now() + kListTime;
  for (int page = 0; page < kMostPages; ++page) {
    const auto left = std::max(end - std::chrono::steady_clock::now(), std::chrono::nanoseconds(1));
    const absl::StatusOr<HttpAnswer> answer = Exchange(path, "", absl::FromChrono(left));
    if (!answer.ok()) return {SmsUnreachable(answer.status().message()), options_.name};
    if (answer->code != 200) {
      return {SmsDeferred(answer->code), options_.name, "", answer->retry_after, IsOfText(*answer)};
    }
    const std::optional<MessagePage> listed = ReadMessagePage(answer->body);
    if (!listed) return {SmsUnreachable("its list can't be read"), options_.name};
    const PageSearch found = Find(letter, *listed);
    if (!found.reference.empty()) return {absl::OkStatus(), options_.name, found.reference};
    if (found.ended) return {NeverTaken(), options_.name};
    path = listed->next;
  }
  return {CannotBeAsked(), options_.name};
}

}  // namespace lumbar::notification
