// A real mail server (aiosmtpd) for a test; for tests only.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

#include "services/notification/testing/child.h"

namespace lumbar::notification {

// Listens on a free port of 127.0.0.1, ready when constructed and gone when destroyed or when the test dies. How it
// treats a letter is up to the recipient: see scripted_mail.py. A failure to start ends the test program.
class MailServer {
 public:
  // How it is talked to: in the clear; or encrypted, by STARTTLS or from the start, and logged in as secure_mail.py
  // says.
  enum class Security { kNone, kStartTls, kSmtps };

  explicit MailServer(Security security = Security::kNone);
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  // Who vouches for it, as a PEM file.
  std::string ca_file() const { return folder_ + "/certificate.pem"; }
  // "smtp://127.0.0.1:<port>", or smtps
  std::string url() const;
  // What arrived, oldest first, as read_mail.py prints it.
  nlohmann::json Letters() const;
  // Ends the process; nobody listens then.
  void Kill() { child_.reset(); }

 private:
  // Returns false if it ended before it was ready, as it does when another took the port.
  bool Start();

  void MakeCertificate() const;

  const Security security_;
  int port_ = 0;
  std::optional<Child> child_;
  std::string folder_;
};

}  // namespace lumbar::notification
