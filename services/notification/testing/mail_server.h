// A real mail server (aiosmtpd) for a test; for tests only.
#pragma once

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include <string>

namespace lumbar::notification {

// Listens on a free port of 127.0.0.1, ready when constructed and gone when destroyed or when the test dies. How it
// treats a letter is up to the recipient: see scripted_mail.py. A failure to start ends the test program.
class MailServer {
 public:
  MailServer();
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  // "smtp://127.0.0.1:<port>"
  std::string url() const;
  // What arrived, oldest first, as read_mail.py prints it.
  nlohmann::json Letters() const;
  // Ends the process; nobody listens then.
  void Kill();

 private:
  // Returns false if it ended before it was ready, as it does when another took the port.
  bool Start();

  int port_ = 0;
  pid_t pid_ = -1;
  // Where its log arrives; kept open for it.
  int log_ = -1;
  std::string folder_;
};

}  // namespace lumbar::notification
