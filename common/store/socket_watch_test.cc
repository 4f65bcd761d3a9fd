#include "common/store/socket_watch.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lumbar::store {
namespace {

class SocketWatchTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0); }
  void TearDown() override {
    for (const int end : ends_) close(end);
  }

  // What a read gives: 0 if the connection was closed within the time, -1 if nothing came.
  int ReadWithin(absl::Duration time) const {
    pollfd wait = {ends_[0], POLLIN, 0};
    if (poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(time))) != 1) return -1;
    char byte = 0;
    return static_cast<int>(read(ends_[0], &byte, 1));
  }

  int ends_[2] = {};
  SocketWatch watch_;
};

TEST_F(SocketWatchTest, CutsWhatStaysSilent) {
  watch_.Arm(this, ends_[0], absl::Milliseconds(1));
  EXPECT_EQ(ReadWithin(absl::Seconds(10)), 0);
  watch_.Disarm(this);
}

TEST_F(SocketWatchTest, LeavesAloneWhatWasDisarmedOrHasTimeLeft) {
  watch_.Arm("disarmed", ends_[0], absl::Milliseconds(1));
  watch_.Disarm("disarmed");
  watch_.Arm("patient", ends_[0], absl::Milliseconds(1));
  watch_.Arm("patient", ends_[0], absl::Hours(1));
  EXPECT_EQ(ReadWithin(absl::Milliseconds(600)), -1);
}

TEST_F(SocketWatchTest, NeverCutsAnotherConnectionWithTheSameNumber) {
  watch_.Arm(this, ends_[0], absl::Milliseconds(1));
  close(ends_[0]);
  close(ends_[1]);
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
  EXPECT_EQ(ReadWithin(absl::Milliseconds(600)), -1);
}

}  // namespace
}  // namespace lumbar::store
