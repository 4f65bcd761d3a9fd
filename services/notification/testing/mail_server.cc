#include "services/notification/testing/mail_server.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "common/testing/free_port.h"

namespace lumbar::notification {
namespace {

constexpr int kAttempts = 10;
constexpr char kPython[] = "/usr/bin/python3";
constexpr char kScripts[] = LUMBAR_SOURCE_DIR "/services/notification/testing";

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "MailServer: %s: ", what);
  std::perror(nullptr);
  std::abort();
}

// Between fork and exec nothing may allocate: another thread may have held the allocator's lock.
[[noreturn]] void Exec(const std::vector<char*>& arguments, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(log, STDERR_FILENO);
  execv(kPython, arguments.data());
  _exit(127);
}

}  // namespace

MailServer::MailServer() {
  std::string folder = (std::filesystem::temp_directory_path() / "lumbar-mail-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) Die("no folder");
  folder_ = folder;
  setenv("PYTHONPATH", kScripts, 1);
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    port_ = lumbar::testing::FreePort();
    if (Start()) return;
    Kill();
  }
  Die("aiosmtpd doesn't start (apt install python3-aiosmtpd)");
}

MailServer::~MailServer() {
  Kill();
  std::filesystem::remove_all(folder_);
}

std::string MailServer::url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }

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

void MailServer::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  close(log_);
  pid_ = -1;
}

bool MailServer::Start() {
  std::vector<std::string> words = {kPython,
                                    "-m",
                                    "aiosmtpd",
                                    "-n",
                                    "-d",
                                    "-l",
                                    absl::StrCat("127.0.0.1:", port_),
                                    "-c",
                                    "scripted_mail.Scripted",
                                    folder_ + "/mail"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2] = {};
  if (pipe2(ends, O_CLOEXEC) != 0) Die("no pipe");
  pid_ = fork();
  if (pid_ < 0) Die("can't fork");
  if (pid_ == 0) Exec(arguments, ends[1]);
  close(ends[1]);
  log_ = ends[0];
  // The end of its log before this line means that it is gone.
  std::string log;
  char bytes[512];
  while (!absl::StrContains(log, "is listening")) {
    const ssize_t count = read(log_, bytes, sizeof(bytes));
    if (count <= 0) return false;
    log.append(bytes, static_cast<size_t>(count));
  }
  return true;
}

}  // namespace lumbar::notification
