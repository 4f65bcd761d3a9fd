// Against a booking service that a test scripts, over real gRPC.
#include "services/notification/adapters/booking_versions.h"

#include <absl/strings/match.h>
#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <filesystem>

#include "common/auth/signer.h"
#include "common/auth/test_issuer.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/status/matchers.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;

class ScriptedBooking final : public booking::v1::BookingService::Service {
 public:
  grpc::Status GetAppointment(grpc::ServerContext* context, const booking::v1::GetAppointmentRequest* request,
                              booking::v1::GetAppointmentResponse* response) override {
    const auto token = context->client_metadata().find("authorization");
    bearer_ = token != context->client_metadata().end() && absl::StartsWith(token->second.data(), "Bearer ey");
    time_left_ = absl::FromChrono(context->deadline()) - absl::Now();
    asked_ = request->name();
    response->mutable_appointment()->set_version(7);
    response->mutable_appointment()->set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
    return answer_;
  }

  grpc::Status answer_;
  bool bearer_ = false;
  absl::Duration time_left_ = absl::InfiniteDuration();
  std::string asked_;
};

class BookingVersionsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(auth::GenerateKey("services", key_file_, jwks_file_), IsOk());
    ASSERT_OK_AND_ASSIGN(auth::Signer signer, auth::Signer::Open(key_file_, "services"));
    identity_ = std::make_unique<auth::ServiceIdentity>(std::move(signer), "services/notification", "lumbar-dev",
                                                        "lumbar", clock_);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&booking_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    versions_ = std::make_unique<BookingVersions>("127.0.0.1:" + std::to_string(port_), *identity_, clock_);
  }
  void TearDown() override {
    std::filesystem::remove(key_file_);
    std::filesystem::remove(jwks_file_);
  }

  const SystemClock clock_;
  const std::string key_file_ = auth::TemporaryPath("notification.pem");
  const std::string jwks_file_ = auth::TemporaryPath("notification.json");
  std::unique_ptr<auth::ServiceIdentity> identity_;
  ScriptedBooking booking_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<BookingVersions> versions_;
};

TEST_F(BookingVersionsTest, AsksAsItselfAndForTwoSecondsAtMost) {
  ASSERT_OK_AND_ASSIGN(const Standing standing, versions_->Current("appointments/1"));
  EXPECT_EQ(standing.version, 7);
  EXPECT_EQ(standing.state, booking::v1::APPOINTMENT_STATE_CANCELLED);
  EXPECT_EQ(booking_.asked_, "appointments/1");
  EXPECT_TRUE(booking_.bearer_);
  EXPECT_LE(booking_.time_left_, absl::Seconds(2));
}

TEST_F(BookingVersionsTest, TellsAnAppointmentThatIsNotThereFromAServiceThatIsNot) {
  booking_.answer_ = rpc::ToWire(WithReason(absl::NotFoundError("none"), "APPOINTMENT_NOT_FOUND"));
  EXPECT_THAT(versions_->Current("appointments/1"), FailsWith(StatusCode::kNotFound, "APPOINTMENT_NOT_FOUND"));
  server_->Shutdown();
  EXPECT_THAT(versions_->Current("appointments/1"), StatusIs(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace lumbar::notification
