#include "services/notification/adapters/smtp_mailer.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "services/notification/adapters/header_text.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

constexpr char kMailServer[] = "smtp";
// The server is ready for the letter's body: what breaks after it may have come too late.
constexpr int kSendingBody = 354;

using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using Mime = std::unique_ptr<curl_mime, decltype(&curl_mime_free)>;

List MakeList(std::initializer_list<std::string> lines) {
  curl_slist* list = nullptr;
  for (const std::string& line : lines) list = curl_slist_append(list, line.c_str());
  return {list, &curl_slist_free_all};
}

List HeadersOf(const Letter& letter, const SmtpOptions& options, absl::Time now) {
  const std::string domain = options.from_address.substr(options.from_address.find('@') + 1);
  return MakeList({
      absl::StrCat("From: ", MailboxText(options.from_name, options.from_address)),
      absl::StrCat("To: ", MailboxText(letter.to_name, letter.to_address)),
      absl::StrCat("Subject: ", HeaderText(letter.subject)),
      absl::StrCat("Date: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", now, absl::UTCTimeZone())),
      absl::StrCat("Message-ID: <", HeaderText(letter.id), "@", domain, ">"),
      // So that out-of-office programs keep silent (RFC 3834).
      "Auto-Submitted: auto-generated",
      "Content-Type: multipart/alternative",
  });
}

void AddPart(curl_mime* mime, const std::string& type, const std::string& content, const char* encoder) {
  curl_mimepart* part = curl_mime_addpart(mime);
  curl_mime_data(part, content.data(), content.size());
  curl_mime_type(part, type.c_str());
  curl_mime_encoder(part, encoder);
}

// Lines of a mail end so (RFC 2045, 6.7); else the encoder takes their ends for data.
std::string WithCrlf(const std::string& text) { return absl::StrReplaceAll(text, {{"\r\n", "\r\n"}, {"\n", "\r\n"}}); }

// The last part is the one that a reader prefers (RFC 2046).
Mime BodyOf(CURL* curl, const Letter& letter) {
  Mime mime(curl_mime_init(curl), &curl_mime_free);
  AddPart(mime.get(), "text/plain; charset=utf-8", WithCrlf(letter.text), "quoted-printable");
  AddPart(mime.get(), "text/html; charset=utf-8", WithCrlf(letter.html), "quoted-printable");
  if (letter.calendar) {
    // Base64 keeps the line ends, which a calendar file's grammar asks for.
    const std::string type = absl::StrCat("text/calendar; charset=utf-8; method=", letter.calendar->method);
    AddPart(mime.get(), type, letter.calendar->text, "base64");
  }
  return mime;
}

void Configure(CURL* curl, const SmtpOptions& options) {
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  const bool needs_tls = options.require_tls || !options.user.empty();
  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, options.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, options.password.c_str());
  }
  // No signals: other threads run.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // The server's greeting, TLS and the log-in included.
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, absl::ToInt64Milliseconds(kConnectTime));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, absl::ToInt64Milliseconds(kCarrierTime));
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, options.from_address.c_str());
}

// How far a letter has come, as the server was told and said.
struct Talk {
  bool knows_recipient = false;
  bool asked_for_body = false;
  // The last refusal. What it says to our farewell is none.
  std::string refusal;
};

int Note(CURL*, curl_infotype type, char* text, size_t size, void* user) {
  auto& talk = *static_cast<Talk*>(user);
  const absl::string_view line(text, size);
  const bool refuses = absl::StartsWith(line, "4") || absl::StartsWith(line, "5");
  if (type == CURLINFO_HEADER_IN && refuses) talk.refusal = std::string(line);
  if (type != CURLINFO_HEADER_OUT) return 0;
  talk.knows_recipient |= absl::StartsWith(line, "RCPT ");
  talk.asked_for_body |= absl::StartsWith(line, "DATA");
  return 0;
}

// Whether the last refusal has an enhanced code (RFC 3463) that begins so.
bool Says(const Talk& talk, absl::string_view enhanced) {
  return absl::StartsWith(absl::string_view(talk.refusal).substr(std::min<size_t>(4, talk.refusal.size())), enhanced);
}

// Whether a refusal is about who we are, and not about the letter: once that is repaired, or by another server, it
// goes. 530 to 538 are about a log-in; many servers put off what they have against us until they know the recipient,
// and say so by an enhanced code: a bad sender, or a policy.
bool IsAboutUs(int code, const Talk& talk) {
  if (!talk.knows_recipient || (code >= 530 && code < 540)) return true;
  return !talk.asked_for_body && (Says(talk, "5.7.") || Says(talk, "5.1.7") || Says(talk, "5.1.8"));
}

// Whether a refusal for now is about this recipient or letter, greylisted say, and not about the server: one that shuts
// down (421) or whose system is in trouble (4.3) takes no other letter either.
bool IsOfLetter(int code, const Talk& talk) {
  return code >= 400 && code < 500 && code != 421 && talk.knows_recipient && !Says(talk, "4.3.");
}

absl::Status OutcomeOf(CURLcode result, int code, const Talk& talk) {
  if (result == CURLE_OK) return absl::OkStatus();
  if (code == kSendingBody) return MailOutcomeUnknown();
  const bool about_us = IsAboutUs(code, talk);
  if (result == CURLE_LOGIN_DENIED || (about_us && code >= 400)) return MailDeferred(code);
  if (code >= 500 && code < 600) return MailRefused(code);
  if (code >= 400 && code < 500) return MailDeferred(code);
  return MailUnreachable(curl_easy_strerror(result));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SmtpMailer>> SmtpMailer::Create(SmtpOptions options, const Clock& clock) {
  if (!absl::StartsWith(options.url, "smtp://") && !absl::StartsWith(options.url, "smtps://")) return MailServerUrl();
  if (!IsMailboxAddress(options.from_address)) return MailSender();
  return std::unique_ptr<SmtpMailer>(new SmtpMailer(std::move(options), clock));
}

Handover SmtpMailer::Ask(const Letter&) { return {CannotBeAsked(), kMailServer}; }

Handover SmtpMailer::Send(const Letter& letter) {
  if (!IsMailboxAddress(letter.to_address)) return {MailRefused(0), kMailServer};
  const List headers = HeadersOf(letter, options_, clock_.Now());
  const List recipients = MakeList({letter.to_address});

  CurlHandle handle = handles_.Borrow();
  CURL* const curl = handle.get();
  Configure(curl, options_);
  Talk talk;
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, &Note);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &talk);
  Mime body = BodyOf(curl, letter);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl, CURLOPT_MIMEPOST, body.get());
  const CURLcode result = curl_easy_perform(curl);
  long code = 0;  // NOLINT(google-runtime-int): curl's
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  // It keeps the connection, and nothing of this letter.
  curl_easy_reset(curl);
  body.reset();
  handles_.Return(std::move(handle));
  const int last = static_cast<int>(code);
  return {OutcomeOf(result, last, talk), kMailServer, "", absl::ZeroDuration(), IsOfLetter(last, talk)};
}

}  // namespace lumbar::notification
