// Who is served on a port that asks its peers who they are, and how long a peer may take to say so.
#include <gtest/gtest.h>

#include <list>
#include <string>
#include <thread>

#include "common/http2/testing/handlers.h"
#include "common/transport/testing/identity.h"
#include "common/transport/testing/tls_client.h"

namespace lumbar::http2 {
namespace {

using transport::IssuedPair;
using transport::TlsClient;

constexpr absl::string_view kProtocol = "\x02h2";

class MutualTlsTest : public ServerTest {
 protected:
  MutualTlsTest() {
    options_.certificates = server_identity_.files();
    options_.loops = 1;
  }

  void CountCalls() {
    Serve([this](const std::shared_ptr<Stream>& stream) {
      ++handled_;
      Reply(*stream, stream->request().body);
    });
  }
  // Whether the server says hello, as it does first thing to whom it serves.
  static bool IsGreeted(TlsClient& client) { return client.Handshake() && !client.Read().empty(); }
  bool Serves(const IssuedPair& shown, absl::string_view protocols = kProtocol, int newest = TLS1_3_VERSION) {
    TlsClient client(server_->port(), protocols, newest);
    client.Show(shown);
    return IsGreeted(client);
  }
  bool ServesNobodyKnown() {
    TlsClient client(server_->port(), kProtocol);
    return IsGreeted(client);
  }
  void AwaitConnections(size_t count) {
    while (server_->connections() != count) std::this_thread::yield();
  }

  const transport::Authority authority_, other_{"other"};
  transport::Identity server_identity_{authority_, "booking", {"gateway", "notification"}};
  const IssuedPair gateway_ = authority_.Issue("gateway", absl::Now());
};

TEST_F(MutualTlsTest, ServesWhomTheAuthorityKnowsByANameThatMayCall) {
  CountCalls();
  EXPECT_TRUE(Serves(gateway_));
  EXPECT_TRUE(Serves(authority_.Issue("notification", absl::Now())));
  EXPECT_TRUE(Serves(gateway_, kProtocol, TLS1_2_VERSION));
}

TEST_F(MutualTlsTest, ServesNobodyElse) {
  CountCalls();
  const absl::Time now = absl::Now();
  EXPECT_FALSE(ServesNobodyKnown());
  EXPECT_FALSE(Serves(other_.Issue("gateway", now)));
  EXPECT_FALSE(Serves(authority_.Issue("content", now)));
  EXPECT_FALSE(Serves(authority_.Issue("gateway", now - absl::Hours(48), now - absl::Hours(1))));
  EXPECT_FALSE(Serves(authority_.Issue("gateway", now + absl::Hours(1), now + absl::Hours(48))));
  EXPECT_FALSE(Serves(authority_.IssueFor("clientAuth", "DNS:*", now))) << "a wildcard is no name";
  EXPECT_FALSE(Serves(authority_.IssueFor("serverAuth", "DNS:gateway", now))) << "a server's certificate";
  EXPECT_FALSE(Serves(gateway_, ""));
  EXPECT_FALSE(Serves(gateway_, "\x08http/1.1"));
  EXPECT_FALSE(Serves(gateway_, kProtocol, TLS1_1_VERSION));
  TestClient plain(server_->port());
  plain.Begin("/", "");
  EXPECT_TRUE(plain.Until([] { return false; })) << "closed";
  EXPECT_EQ(handled_, 0);
  AwaitConnections(0);
  EXPECT_TRUE(Serves(gateway_));
}

TEST_F(MutualTlsTest, TakesACallersNameFromTheListOfNamesAndLetterByLetter) {
  const transport::Identity named(authority_, "booking", {"issued", "gateway.clinic.example"});
  options_.certificates = named.files();
  ServeEcho();
  const absl::Time now = absl::Now();
  EXPECT_TRUE(Serves(authority_.IssueFor("clientAuth", "DNS:gateway.clinic.example", now)));
  EXPECT_FALSE(Serves(authority_.IssueFor("clientAuth", "DNS:*.clinic.example", now))) << "a wildcard is no name";
  EXPECT_FALSE(Serves(authority_.IssueFor("clientAuth", "IP:127.0.0.1", now))) << "issued to it, but not for that name";
}

TEST_F(MutualTlsTest, GivesNobodyASessionToResume) {
  ServeEcho();
  for (const int newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server_->port(), kProtocol, newest);
    client.Show(gateway_);
    ASSERT_TRUE(IsGreeted(client));
    EXPECT_FALSE(client.may_resume()) << "each connection is checked";
  }
}

TEST_F(MutualTlsTest, ServesAllWhomTheAuthorityKnowsIfNoneIsNamed) {
  const transport::Identity open(authority_, "booking");
  options_.certificates = open.files();
  ServeEcho();
  EXPECT_TRUE(Serves(authority_.Issue("anybody", absl::Now())));
  EXPECT_FALSE(Serves(other_.Issue("anybody", absl::Now())));
  EXPECT_FALSE(ServesNobodyKnown());
}

TEST_F(MutualTlsTest, LetsFewPeersTakeTheirTimeAndNoneForEver) {
  options_.limits.handshakes = 3;
  ServeEcho();
  std::list<TlsClient> silent;
  for (int i = 0; i < 3; ++i) silent.emplace_back(server_->port(), kProtocol);
  AwaitConnections(3);
  EXPECT_FALSE(Serves(gateway_)) << "one too many";
  AwaitConnections(3);
  silent.front().SendRaw("\x16\x03\x01");
  clock_.Advance(options_.limits.handshake_time + absl::Seconds(1));
  AwaitConnections(0);
  for (TlsClient& client : silent) EXPECT_FALSE(client.Handshake());
  EXPECT_TRUE(Serves(gateway_));
}

TEST_F(MutualTlsTest, ClosesThoseWhoHaveNotShakenHandsWhenItDrains) {
  ServeEcho();
  TlsClient silent(server_->port(), kProtocol);
  AwaitConnections(1);
  EXPECT_TRUE(server_->Drain(absl::Seconds(5)));
}

TEST_F(MutualTlsTest, TakesNewAuthoritiesForNewConnectionsAndLetsOpenOnesGoOn) {
  ServeEcho();
  TlsClient open(server_->port(), kProtocol);
  open.Show(gateway_);
  ASSERT_TRUE(IsGreeted(open));
  server_identity_.Renew(other_, "booking", other_.certificate());
  EXPECT_FALSE(Serves(gateway_));
  EXPECT_TRUE(Serves(other_.Issue("gateway", absl::Now())));
  // A ping that must be answered.
  EXPECT_TRUE(open.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_TRUE(open.Send(absl::string_view("\0\0\0\4\0\0\0\0\0\0\0\x8\6\0\0\0\0\0answered", 26)));
  EXPECT_NE(open.ReadUntil("answered"), "");
}

}  // namespace
}  // namespace lumbar::http2
