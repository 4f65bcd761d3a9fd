// Sends letters by SMTP, through libcurl.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <utility>

#include "common/time/clock.h"
#include "services/notification/adapters/curl_handles.h"
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

// Each letter has a connection to itself, which is kept for another: kConnectTime to be ready for it, kCarrierTime in
// all. Thread safe. Neither addresses nor subjects reach a log or a status.
class SmtpMailer final : public Carrier {
 public:
  // `clock` must outlive it. Doesn't connect.
  // INVALID_ARGUMENT/MAIL_SERVER_URL, INVALID_ARGUMENT/MAIL_SENDER.
  static absl::StatusOr<std::unique_ptr<SmtpMailer>> Create(SmtpOptions options, const Clock& clock);

  Handover Send(const Letter& letter) override;
  // A mail server tells nobody what it has taken.
  Handover Ask(const Letter& letter) override;
  bool CanAsk() const override { return false; }

 private:
  SmtpMailer(SmtpOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

  const SmtpOptions options_;
  const Clock& clock_;
  CurlHandles handles_;
};

}  // namespace lumbar::notification
