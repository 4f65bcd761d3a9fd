#include "common/testing/postgres_server.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "common/testing/free_port.h"

namespace lumbar::testing {
namespace {

constexpr int kAttempts = 10;
constexpr absl::Duration kReadyWithin = absl::Seconds(30), kPoll = absl::Milliseconds(10);
constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "PostgresServer: %s\n", what.c_str());
  std::abort();
}

// Whom the server runs as: whoever runs the test, or, because it refuses root, the package's own user.
const passwd* ServersUser() {
  if (geteuid() != 0) return nullptr;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before the test has threads.
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) Die("there is no user postgres (apt install postgresql-15)");
  return user;
}

// Between fork and exec nothing may allocate: another thread may have held the allocator's lock. A change of user
// clears what PR_SET_PDEATHSIG set, and may shut out of the folder that the test runs in. SIGQUIT makes a server leave
// nothing behind.
[[noreturn]] void Exec(const std::vector<char*>& arguments, const passwd* user, int log) {
  if (user != nullptr && (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (chdir("/") != 0) _exit(125);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

bool Ended(pid_t pid, int options) {
  int status = 0;
  return waitpid(pid, &status, options) == pid;
}

}  // namespace

PostgresServer::PostgresServer() {
  if (access(absl::StrCat(kPrograms, "postgres").c_str(), X_OK) != 0) {
    Die(absl::StrCat("needs ", kPrograms, "postgres (apt install postgresql-15)"));
  }
  InitializeCluster();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    port_ = FreePort();
    if (port_ != 0 && Start()) return;
  }
  Die("doesn't start; its log:\n" + Log());
}

PostgresServer::~PostgresServer() {
  if (pid_ > 0 && kill(pid_, SIGQUIT) == 0) Ended(pid_, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string PostgresServer::url() const { return absl::StrCat("postgresql://postgres@127.0.0.1:", port_, "/postgres"); }

void PostgresServer::InitializeCluster() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lumbar-postgres-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) Die("no scratch folder");
  folder_ = pattern;
  const passwd* user = ServersUser();
  if (user != nullptr && chown(pattern.c_str(), user->pw_uid, user->pw_gid) != 0) Die("can't give its folder away");
  const pid_t initdb = Spawn("initdb", {"--pgdata", folder_ / "data", "--username", "postgres", "--auth", "trust",
                                        "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"});
  int status = 0;
  if (waitpid(initdb, &status, 0) != initdb || status != 0)
    Die(absl::StrCat("initdb failed (wait status ", status, "); its log:\n", Log()));
}

bool PostgresServer::Start() {
  pid_ = Spawn("postgres", {"-D", folder_ / "data", "-p", absl::StrCat(port_), "-c", "listen_addresses=127.0.0.1", "-c",
                            "unix_socket_directories="});
  // A server tells nobody that it is ready: it has to be asked.
  for (const absl::Time end = absl::Now() + kReadyWithin; absl::Now() < end; absl::SleepFor(kPoll)) {
    if (Ended(pid_, WNOHANG)) return pid_ = -1, false;
    if (PQping(url().c_str()) == PQPING_OK) return true;
  }
  Die("isn't ready in time; its log:\n" + Log());
}

void PostgresServer::Run(const std::string& sql) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url().c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) Die(PQerrorMessage(connection.get()));
}

void PostgresServer::SignalAll(int signal) const {
  kill(pid_, SIGSTOP);
  std::ifstream children(absl::StrCat("/proc/", pid_, "/task/", pid_, "/children"));
  for (pid_t child = 0; children >> child;) kill(child, signal);
  kill(pid_, signal);
}

void PostgresServer::Pause() { SignalAll(SIGSTOP); }
void PostgresServer::Resume() { SignalAll(SIGCONT); }

void PostgresServer::Kill() {
  if (pid_ < 0) return;
  SignalAll(SIGKILL);
  if (!Ended(pid_, 0)) Die("can't be killed");
  pid_ = -1;
}

// A process of the old server may take a moment to let its memory go, without which no new one starts.
void PostgresServer::Restart() {
  Kill();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (Start()) return;
    absl::SleepFor(10 * kPoll);  // Nothing tells when that memory is gone.
  }
  Die("doesn't start again; its log:\n" + Log());
}

pid_t PostgresServer::Spawn(const std::string& program, std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), absl::StrCat(kPrograms, program));
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const passwd* user = ServersUser();
  const int log = open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const pid_t pid = fork();
  if (pid < 0 || log < 0) Die("can't start " + program);
  if (pid == 0) Exec(words, user, log);
  close(log);
  return pid;
}

std::string PostgresServer::Log() const {
  std::ostringstream text;
  text << std::ifstream(folder_ / "log").rdbuf();
  return text.str();
}

}  // namespace lumbar::testing
