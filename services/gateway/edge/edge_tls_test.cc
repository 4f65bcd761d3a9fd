#include <gmock/gmock.h>
#include <prometheus/registry.h>

#include <future>
#include <thread>

#include "common/transport/certificate_files.h"
#include "common/transport/testing/authority.h"
#include "common/transport/testing/certificate_folder.h"
#include "common/transport/testing/tls_client.h"
#include "services/gateway/edge/edge_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using transport::TlsClient;

constexpr absl::string_view kBoth = "\x02h2\x08http/1.1";
constexpr absl::string_view kHttp1 = "\x08http/1.1";
constexpr absl::string_view kServing = R"("serving"})";
constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr absl::string_view kNoSettings("\0\0\0\x04\0\0\0\0\0", 9);
constexpr absl::string_view kAssess =
    "POST /v1/triage:assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

class EdgeTlsTest : public EdgeTest {
 protected:
  EdgeTlsTest() { Put("first"); }
  // Before the certificates that it speaks TLS with.
  ~EdgeTlsTest() override { edge_.reset(); }

  void Put(const std::string& name) const { folder_.Put(authority_.Issue(name, clock_.Now())); }
  void StartTls(const Limits& limits = Limits()) {
    auto opened = transport::CertificateFiles::Open(folder_.paths(), registry_, clock_);
    ASSERT_THAT(opened, IsOk());
    certificates_ = *std::move(opened);
    Start(limits, 2, certificates_.get());
  }
  // What one request is answered with by a new connection; "" without a handshake.
  std::string Health(absl::string_view protocols, int newest = TLS1_3_VERSION) {
    TlsClient client(edge_->port(), protocols, newest);
    if (!client.Handshake()) return "";
    client.Send(kHealth);
    return client.ReadUntil(kServing);
  }
  // One that the service hasn't answered.
  void BeginCall(TlsClient& client) {
    upstream_.Hold();
    ASSERT_TRUE(client.Handshake());
    client.Send(kAssess);
    upstream_.WaitForCalls(1);
  }

  const transport::CertificateFolder folder_;
  prometheus::Registry registry_;
  transport::Authority authority_;
  std::unique_ptr<transport::CertificateFiles> certificates_;
};

TEST_F(EdgeTlsTest, SpeaksHttp1WithWhoeverAsksForItOrForNothing) {
  StartTls();
  EXPECT_THAT(Health(kHttp1), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Health(""), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Health(kHttp1, TLS1_2_VERSION), StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTlsTest, PrefersHttp2) {
  StartTls();
  TlsClient client(edge_->port(), kBoth);
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.protocol(), "h2");
  client.Send(absl::StrCat(kPreface, kNoSettings));
  const std::string frame = client.Read();
  ASSERT_GT(frame.size(), 9u);
  EXPECT_EQ(frame[3], 4) << "a server begins with SETTINGS";
}

TEST_F(EdgeTlsTest, RefusesOldVersionsOtherProtocolsAndPlainHttp) {
  StartTls();
  EXPECT_EQ(Health(kHttp1, TLS1_1_VERSION), "");
  EXPECT_EQ(Health("\x05other"), "");
  EXPECT_FALSE(RawClient(edge_->port()).Exchange(kHealth));
  EXPECT_THAT(Health(kHttp1), StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTlsTest, KeepsAConnectionForTheNextRequestAndSaysGoodbye) {
  StartTls();
  upstream_.AnswerWith("");
  TlsClient client(edge_->port(), kHttp1);
  ASSERT_TRUE(client.Handshake());
  // Two at once, the second in the middle of a record.
  client.Send(absl::StrCat(kAssess, kHealth));
  EXPECT_THAT(client.ReadUntil(kServing), HasSubstr("{}"));
  client.Send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadUntil(kServing), HasSubstr("Connection: close"));
  EXPECT_EQ(client.Read(), "");
  EXPECT_TRUE(client.ended());
}

TEST_F(EdgeTlsTest, CarriesABodyAsLongAsIsAllowed) {
  StartTls();
  TlsClient client(edge_->port(), kHttp1);
  ASSERT_TRUE(client.Handshake());
  const std::string body(Limits().body_bytes, ' ');
  client.Send(absl::StrCat("POST /v1/triage:assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
                           "Content-Length: ", body.size(), "\r\n\r\n", body));
  EXPECT_THAT(client.ReadUntil("}}"), HasSubstr("MALFORMED_JSON"));
}

TEST_F(EdgeTlsTest, GivesUpTheCallOfAClientThatSaysGoodbye) {
  StartTls();
  TlsClient client(edge_->port(), kHttp1);
  BeginCall(client);
  client.EndSending();
  while (!upstream_.given_up()) std::this_thread::yield();
}

TEST_F(EdgeTlsTest, GivesUpTheCallOfAClientThatIsCut) {
  StartTls();
  TlsClient client(edge_->port(), kHttp1);
  BeginCall(client);
  client.Cut();
  while (!upstream_.given_up()) std::this_thread::yield();
}

TEST_F(EdgeTlsTest, StreamsWhatTheServiceSends) {
  StartTls();
  TlsClient client(edge_->port(), kHttp1);
  ASSERT_TRUE(client.Handshake());
  client.Send("GET /v1/appointments:watch HTTP/1.1\r\nHost: x\r\n\r\n");
  upstream_.WaitForCalls(1);
  booking::v1::WatchAppointmentsResponse message;
  message.set_resume_token("one");
  upstream_.Send(message.SerializeAsString());
  EXPECT_THAT(client.ReadUntil("\n\n\r\n"), HasSubstr("id: one"));
  client.Cut();
  while (!upstream_.cancelled()) std::this_thread::yield();
}

TEST_F(EdgeTlsTest, EndsAHandshakeThatTakesTooLong) {
  Limits limits;
  limits.handshake_time = absl::Milliseconds(50);
  StartTls(limits);
  const absl::Time before = clock_.Now();
  for (const char* beginning : {"", "\x16", "\x16\x03\x01\x01"}) {
    RawClient client(edge_->port());
    client.Send(beginning);
    EXPECT_TRUE(client.IsClosed());
  }
  EXPECT_LT(clock_.Now() - before, limits.header_time / 2);
}

TEST_F(EdgeTlsTest, CountsHandshakesAmongTheConnections) {
  Limits limits;
  limits.connections = 1;
  StartTls(limits);
  RawClient silent(edge_->port());
  silent.Send("\x16");
  EXPECT_EQ(Health(kHttp1), "") << "the place is taken";
}

TEST_F(EdgeTlsTest, ServesNewConnectionsWithANewPairAndLetsOldOnesGoOn) {
  StartTls();
  TlsClient before(edge_->port(), kHttp1);
  ASSERT_TRUE(before.Handshake());
  Put("second");
  certificates_->Refresh();
  TlsClient after(edge_->port(), kHttp1);
  ASSERT_TRUE(after.Handshake());
  EXPECT_EQ(before.peer(), "first");
  EXPECT_EQ(after.peer(), "second");
  folder_.Write("key", "");
  certificates_->Refresh();
  for (TlsClient* client : {&before, &after}) {
    client->Send(kHealth);
    EXPECT_THAT(client->ReadUntil(kServing), StartsWith("HTTP/1.1 200"));
  }
  EXPECT_THAT(Health(kHttp1), StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTlsTest, StopsWithConnectionsInEveryState) {
  StartTls();
  RawClient silent(edge_->port()), halfway(edge_->port());
  halfway.Send("\x16\x03");
  TlsClient idle(edge_->port(), kHttp1), http2(edge_->port(), kBoth), calling(edge_->port(), kHttp1);
  for (TlsClient* client : {&idle, &http2}) ASSERT_TRUE(client->Handshake());
  idle.Send(kHealth);
  idle.ReadUntil(kServing);
  http2.Send(absl::StrCat(kPreface, kNoSettings));
  http2.Read();
  BeginCall(calling);
  auto stopped = std::async(std::launch::async, [&] { edge_->Stop(absl::Seconds(30)); });
  EXPECT_THAT(idle.Read(), IsEmpty());
  EXPECT_TRUE(idle.ended());
  upstream_.Release();
  EXPECT_THAT(calling.ReadUntil("{}"), StartsWith("HTTP/1.1 200"));
  http2.Read();
  http2.Cut();
  stopped.get();
}

TEST_F(EdgeTlsTest, OutlivesClientsThatAreCutAnywhere) {
  StartTls();
  for (size_t i = 0; i < 300; ++i) {
    TlsClient client(edge_->port(), i % 2 == 0 ? kBoth : kHttp1);
    if (i % 3 == 0) {
      client.SendRaw(std::string(i % 50, '\x16'));
    } else if (client.Handshake()) {
      client.Send(i % 2 == 0 ? absl::StrCat(kPreface, kNoSettings).substr(0, i % 33)
                             : std::string(kHealth.substr(0, i % 40)));
    }
  }
  EXPECT_THAT(Health(kHttp1), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace lumbar::gateway
