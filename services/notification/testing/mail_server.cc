#include "services/notification/testing/mail_server.h"

#include <absl/strings/str_cat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "common/testing/free_port.h"
#include "source_dir.h"

namespace lumbar::notification {
namespace {

constexpr int kAttempts = 10;
constexpr char kReady[] = "is listening";
constexpr char kPython[] = "/usr/bin/python3";
constexpr char kScripts[] = LUMBAR_SOURCE_DIR "/services/notification/testing";

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "MailServer: %s: ", what);
  std::perror(nullptr);
  std::abort();
}

}  // namespace

MailServer::MailServer(Security security) : security_(security) {
  std::string folder = (std::filesystem::temp_directory_path() / "lumbar-mail-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) Die("no folder");
  folder_ = folder;
  if (security_ != Security::kNone) MakeCertificate();
  setenv("PYTHONPATH", kScripts, 1);
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    port_ = lumbar::testing::FreePort();
    if (Start()) return;
  }
  Die("aiosmtpd doesn't start (apt install python3-aiosmtpd)");
}

MailServer::~MailServer() {
  Kill();
  std::filesystem::remove_all(folder_);
}

std::string MailServer::url() const {
  return absl::StrCat(security_ == Security::kSmtps ? "smtps" : "smtp", "://127.0.0.1:", port_);
}

nlohmann::json MailServer::Letters() const {
  const std::string command = absl::StrCat(kPython, " ", kScripts, "/read_mail.py ", folder_, "/mail");
  FILE* const output = popen(command.c_str(), "r");
  if (output == nullptr) Die("can't read the mail");
  std::string text;
  char bytes[4096];
  for (size_t count; (count = fread(bytes, 1, sizeof(bytes), output)) > 0;) text.append(bytes, count);
  if (pclose(output) != 0) Die("can't parse the mail");
  return nlohmann::json::parse(text);
}

bool MailServer::Start() {
  const std::string mail = folder_ + "/mail";
  if (security_ == Security::kNone) {
    child_ = Child::Start({kPython, "-m", "aiosmtpd", "-n", "-d", "-l", absl::StrCat("127.0.0.1:", port_), "-c",
                           "scripted_mail.Scripted", mail},
                          kReady);
  } else {
    child_ = Child::Start({kPython, absl::StrCat(kScripts, "/secure_mail.py"), absl::StrCat(port_), mail, ca_file(),
                           folder_ + "/key.pem", security_ == Security::kSmtps ? "smtps" : "starttls"},
                          kReady);
  }
  return child_.has_value();
}

void MailServer::MakeCertificate() const {
  const std::string command = absl::StrCat(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 "
      "-addext subjectAltName=IP:127.0.0.1 -keyout ",
      folder_, "/key.pem -out ", ca_file(), " 2> /dev/null");
  if (std::system(command.c_str()) != 0) Die("no certificate (apt install openssl)");
}

}  // namespace lumbar::notification
