// A process that is told to stop ends, whatever hangs in it.
#include "common/server/stop_deadline.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "common/auth/test_issuer.h"
#include "common/server/host.h"
#include "common/status/macros.h"

namespace lumbar::server {
namespace {

using testing::ExitedWithCode;

// The test of a fault leaves no process behind.
void EndSomeTime() {
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::seconds(15));
    std::_Exit(3);
  }).detach();
}

void Hang() { std::promise<void>().get_future().wait(); }

// Makes it a pipe that is full.
void ClogStderr() {
  int ends[2];
  if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0) std::exit(2);
  fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK);
  while (write(STDERR_FILENO, "x", 1) > 0) continue;
  fcntl(STDERR_FILENO, F_SETFL, 0);
}

// Is told to stop while a task hangs, or doesn't.
int Stopped(bool hangs) {
  Flags flags;
  flags.service = "test";
  flags.drain_timeout_seconds = 0;
  flags.audit_file = auth::TemporaryPath("audit");
  flags.jwks_file = auth::TemporaryPath("jwks");
  auth::WriteFile(flags.jwks_file, auth::JwksOf({auth::TestIssuer().Jwk()}));
  CommandLine line("a service");
  std::string name = "test";
  std::vector<char*> argv = {name.data()};
  return Main(1, argv.data(), line, flags, [&](Host& host) -> absl::Status {
    EndSomeTime();
    LUMBAR_ASSIGN_OR_RETURN(const auto pipeline, host.MakePipeline({}));
    if (hangs && !host.executor().TrySubmit(Hang)) return absl::InternalError("refused");
    kill(getpid(), SIGTERM);
    return host.Serve(*pipeline, {});
  });
}

class StopDeadlineTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(StopDeadlineTest, EndsAProcessThatATaskKeeps) {
  EXPECT_EXIT(Stopped(true), ExitedWithCode(1), "\"event\":\"stopped\"(.|\n)*\"event\":\"stop_forced\"");
}

TEST_F(StopDeadlineTest, LetsAProcessEndThatNothingKeeps) {
  EXPECT_EXIT(std::exit(Stopped(false)), ExitedWithCode(0), "\"event\":\"stopped\"");
}

TEST_F(StopDeadlineTest, EndsAProcessWhoseLogNobodyReads) {
  EXPECT_EXIT(
      {
        EndSomeTime();
        ClogStderr();
        ForceStopAfter(absl::ZeroDuration());
        Hang();
      },
      testing::KilledBySignal(SIGALRM), "");
}

}  // namespace
}  // namespace lumbar::server
