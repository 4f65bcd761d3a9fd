// Services that must prove who they are, and to whom we do: a call reaches no other, and certificates change under it.
#include <absl/strings/match.h>
#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <iostream>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

#include "common/http2/client_connection.h"
#include "common/status/matchers.h"
#include "common/telemetry/log.h"
#include "common/transport/testing/identity.h"
#include "services/gateway/edge/http2_upstream.h"
#include "services/gateway/edge/raw_peer.h"
#include "services/gateway/edge/test_service.h"

namespace lumbar::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using transport::Authority;
using transport::Identity;

MATCHER(IsOutOfReach, "") {
  return ::testing::ExplainMatchResult(FailsWith(absl::StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"), arg,
                                       result_listener);
}

class UpstreamTlsTest : public ::testing::Test {
 protected:
  UpstreamTlsTest() { limits_.tick = absl::Milliseconds(5); }

  void Connect(const Identity* identity, const std::string& target) {
    ASSERT_OK_AND_ASSIGN(
        upstream_,
        Http2Upstream::Create({{std::string(kTestService), target}}, clock_,
                              {.limits = limits_, .certificates = identity == nullptr ? nullptr : identity->files()}));
  }
  std::future<absl::StatusOr<std::string>> Begin(std::string request) { return Begin(*upstream_, std::move(request)); }
  static std::future<absl::StatusOr<std::string>> Begin(Http2Upstream& upstream, std::string request) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
    upstream.Call({absl::StrCat("/", kTestService, "/Echo"), std::move(request), {}, absl::Hours(1)},
                  [promise](auto answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  // By an upstream of its own.
  absl::StatusOr<std::string> Ask(const Identity* identity, const TestService& service, const std::string& name) {
    Connect(identity, absl::StrCat(name, "127.0.0.1:", service.port()));
    return Begin("asked").get();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  http2::Limits limits_;
  const Authority authority_, other_{"other"};
  Identity gateway_{authority_, "gateway"};
  Identity booking_{authority_, "booking", {"gateway", "booking"}};
  std::unique_ptr<Http2Upstream> upstream_;
};

TEST_F(UpstreamTlsTest, CallsAServiceThatHasTheNameItMustHave) {
  const Http2TestService service(0, booking_.files());
  EXPECT_THAT(Ask(&gateway_, service, "booking@"), IsOkAndHolds("asked"));
  EXPECT_THAT(Ask(&gateway_, service, ""), IsOkAndHolds("asked")) << "the certificate is for the address, too";
  EXPECT_THAT(Ask(&booking_, service, "@"), IsOkAndHolds("asked")) << "itself";
  Connect(&gateway_, absl::StrCat("dns:///localhost:", service.port()));
  EXPECT_THAT(Begin("by name").get(), IsOkAndHolds("by name"));
}

TEST_F(UpstreamTlsTest, CallsNoServiceThatIsSomebodyElse) {
  const Identity impostor(other_, "booking");
  const Http2TestService service(0, booking_.files()), fake(0, impostor.files()), plain;
  EXPECT_THAT(Ask(&gateway_, service, "content@"), IsOutOfReach());
  EXPECT_THAT(Ask(&gateway_, service, "Booking.example@"), IsOutOfReach());
  EXPECT_THAT(Ask(&gateway_, service, "@"), IsOutOfReach()) << "not the gateway";
  EXPECT_THAT(Ask(&gateway_, fake, "booking@"), IsOutOfReach());
  EXPECT_THAT(Ask(&gateway_, plain, "booking@"), IsOutOfReach());
  EXPECT_EQ(service.begun + fake.begun + plain.begun, 0);
}

TEST_F(UpstreamTlsTest, IsOutOfReachForAServiceThatDoesNotKnowUs) {
  const Http2TestService service(0, booking_.files());
  const Identity content(authority_, "content"), stranger(other_, "gateway");
  EXPECT_THAT(Ask(&content, service, "booking@"), IsOutOfReach());
  EXPECT_THAT(Ask(&stranger, service, "booking@"), IsOutOfReach());
  EXPECT_THAT(Ask(nullptr, service, "booking@"), IsOutOfReach());
  EXPECT_EQ(service.begun, 0);
}

TEST_F(UpstreamTlsTest, LogsOneRefusedServerASecondAndHowManyItLeftOut) {
  std::ostringstream log;
  InitLoggingTo(log, "gateway", LogLevel::kInfo);
  {
    const Identity impostor(other_, "booking");
    const Http2TestService fake(0, impostor.files());
    boost::asio::io_context context;
    http2::ClientParts parts{limits_, clock_, context, std::string(1024, '\0'), gateway_.files()};
    for (const absl::Duration later :
         {absl::ZeroDuration(), absl::Milliseconds(1), absl::Milliseconds(998), absl::Milliseconds(1)}) {
      clock_.Advance(later);
      const auto connection = std::make_shared<http2::ClientConnection>(parts, [] {});
      connection->Dial({boost::asio::ip::make_address("127.0.0.1"), static_cast<uint16_t>(fake.port())}, "booking");
      context.restart();
      context.run();
    }
  }
  // The service wrote, too, until it was gone.
  const std::vector<std::string> lines = absl::StrSplit(log.str(), '\n');
  InitLoggingTo(std::cerr, "gateway", LogLevel::kInfo);
  std::vector<std::string> refused;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(refused),
               [](const std::string& line) { return absl::StrContains(line, "server_refused"); });
  EXPECT_THAT(refused, ElementsAre(HasSubstr(R"("left_out":0)"), HasSubstr(R"("left_out":2)")));
}

TEST_F(UpstreamTlsTest, GivesAPeerUpThatNeverShakesHands) {
  RawPeer silent;
  Connect(&gateway_, absl::StrCat("booking@127.0.0.1:", silent.port()));
  auto answer = Begin("asked");
  while (answer.wait_for(std::chrono::milliseconds(2)) != std::future_status::ready) clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(answer.get(), IsOutOfReach());
}

TEST_F(UpstreamTlsTest, FailsNoCallWhileAuthoritiesAndCertificatesAreReplaced) {
  const Http2TestService service(0, booking_.files());
  const std::string both = authority_.certificate() + other_.certificate();
  std::vector<std::unique_ptr<Http2Upstream>> upstreams;
  // On connections that were there before, and on a new one.
  const auto ask = [&] {
    Connect(&gateway_, absl::StrCat("booking@127.0.0.1:", service.port()));
    upstreams.push_back(std::move(upstream_));
    for (const auto& upstream : upstreams) EXPECT_THAT(Begin(*upstream, "asked").get(), IsOkAndHolds("asked"));
  };
  ask();
  // As a change of the authority goes: all believe both, all get new certificates, none believes the old one.
  gateway_.Renew(authority_, "gateway", both);
  booking_.Renew(authority_, "booking", both);
  ask();
  gateway_.Renew(other_, "gateway", both);
  ask();
  booking_.Renew(other_, "booking", both);
  ask();
  gateway_.Renew(other_, "gateway", other_.certificate());
  booking_.Renew(other_, "booking", other_.certificate());
  ask();
  const Identity late(authority_, "gateway");
  EXPECT_THAT(Ask(&late, service, "booking@"), IsOutOfReach());
}

}  // namespace
}  // namespace lumbar::gateway
