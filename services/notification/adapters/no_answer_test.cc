// Against a host that takes connections and says nothing.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "common/status/matchers.h"
#include "services/notification/adapters/smtp_mailer.h"
#include "services/notification/adapters/twilio_carrier.h"

namespace lumbar::notification {
namespace {

class SilentHost {
 public:
  SilentHost() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentHost() { close(socket_); }
  SilentHost(const SilentHost&) = delete;
  SilentHost& operator=(const SilentHost&) = delete;

  std::string Url(const char* scheme) const { return absl::StrCat(scheme, "://127.0.0.1:", port_); }

 private:
  const int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
};

// It is told by the clock of the machine, which other tests may keep busy: kConnectTime, and not nearly kCarrierTime.
TEST(NoAnswerTest, EveryCarrierLetsGoInTimeForTheNext) {
  const SystemClock clock;
  const SilentHost host;
  const auto mailer =
      SmtpMailer::Create({host.Url("smtp"), "Elm Street Clinic", "visits@clinic.example"}, clock).value();
  const auto texter = TwilioCarrier::Create({"twilio", host.Url("https"), "AC1", "12345", "+15005550006", ""}).value();
  Letter letter;
  letter.id = "1";
  letter.to_address = "ada@example.com";
  Handover mailed, texted;
  const absl::Time start = clock.Now();
  {
    const std::jthread one([&] { mailed = mailer->Send(letter); });
    const std::jthread two([&] { texted = texter->Send(letter); });
  }
  EXPECT_LT(clock.Now() - start, kCarrierTime / 2);
  EXPECT_THAT(mailed.status, FailsWith(absl::StatusCode::kUnavailable, "MAIL_UNREACHABLE"));
  EXPECT_THAT(texted.status, FailsWith(absl::StatusCode::kUnavailable, "SMS_UNREACHABLE"));
}

}  // namespace
}  // namespace lumbar::notification
