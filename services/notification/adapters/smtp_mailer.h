// Sends letters by SMTP, through libcurl.
#pragma once

#include <absl/status/statusor.h>
#include <curl/curl.h>

#include <memory>
#include <string>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "services/notification/domain/carrier.h"

namespace lumbar::notification {

struct SmtpOptions {
  // smtp://host:port, with STARTTLS if the server offers it, or smtps://host:port.
  std::string url;
  std::string from_name;
  std::string from_address;
  // Whether a server that offers no encryption gets nothing.
  bool require_tls = false;
  // Who logs in; empty: nobody. A password is never sent unencrypted.
  std::string user = {};
  std::string password = {};
  // PEM file of the authorities that vouch for the server; empty: the system's.
  std::string ca_file = {};
};

// One letter at a time over one connection, which is kept between letters: 5 s to connect and 20 s in all. Thread safe.
// Neither addresses nor subjects reach a log or a status.
class SmtpMailer final : public Carrier {
 public:
  // `clock` must outlive it. Doesn't connect.
  // INVALID_ARGUMENT/MAIL_SERVER_URL, INVALID_ARGUMENT/MAIL_SENDER.
  static absl::StatusOr<std::unique_ptr<SmtpMailer>> Create(SmtpOptions options, const Clock& clock);

  Handover Send(const Letter& letter) override;
  // A mail server tells nobody what it has taken.
  Handover Ask(const Letter& letter) override;

 private:
  absl::Status Deliver(const Letter& letter);
  using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

  SmtpMailer(SmtpOptions options, const Clock& clock);

  const SmtpOptions options_;
  const Clock& clock_;
  Mutex mutex_;
  const Handle curl_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::notification
