#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "common/rpc/client.h"
#include "common/rpc/served_test.h"
#include "common/transport/testing/identity.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"

namespace lumbar::rpc {
namespace {

namespace v1 = booking::v1;
using transport::Identity;

// Has the one appointment.
struct OneAppointment {
  absl::StatusOr<v1::GetAppointmentResponse> Get(const CallContext& context, const v1::GetAppointmentRequest&) {
    ++calls;
    if (auto status = context.CheckOwner("patients/jo"); !status.ok()) return status;
    return v1::GetAppointmentResponse();
  }
  std::atomic<int> calls = 0;
};

// Booking, called by grpc++ as services call each other.
class RemoteTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    const auto& contract = *v1::CreateHoldRequest::descriptor()->file()->FindServiceByName("BookingService");
    certificates_ = booking_.files();
    Serve(WholeTable(ServiceMethods(contract, logic_).Add("GetAppointment", &OneAppointment::Get)));
  }

  std::string Target(const std::string& name) const { return absl::StrCat(name, "127.0.0.1:", server_->port()); }
  absl::Status Get(Remote<v1::BookingService>& booking, absl::Duration timeout = absl::Seconds(5)) {
    v1::GetAppointmentRequest request;
    request.set_name("appointments/00000000-0000-4000-8000-000000000001");
    return Call(booking, &v1::BookingService::Stub::GetAppointment, request,
                {clock_.Now() + timeout, NewTrace(), Token("staff/ann", "staff")})
        .status();
  }
  absl::Status GetAs(const Identity& identity, const std::string& name) {
    Remote<v1::BookingService> booking(Target(name), identity.files());
    return Get(booking);
  }

  OneAppointment logic_;
  const transport::Authority authority_, other_{"other"};
  Identity gateway_{authority_, "gateway"};
  Identity booking_{authority_, "booking", {"gateway"}};
};

TEST_F(RemoteTest, CallsAServiceThatHasTheNameItMustHave) {
  EXPECT_THAT(GetAs(gateway_, "booking@"), IsOk());
  EXPECT_THAT(GetAs(gateway_, ""), IsOk()) << "the certificate is for the address, too";
}

TEST_F(RemoteTest, CallsNobodyElseAndIsServedByNobodyWhoDoesNotKnowIt) {
  const Identity stranger(other_, "gateway"), content(authority_, "content");
  const auto is_unavailable = StatusIs(absl::StatusCode::kUnavailable);
  EXPECT_THAT(GetAs(gateway_, "content@"), is_unavailable);
  EXPECT_THAT(GetAs(stranger, "booking@"), is_unavailable);
  EXPECT_THAT(GetAs(content, "booking@"), is_unavailable);
  Remote<v1::BookingService> plain(Target(""));
  EXPECT_THAT(Get(plain), is_unavailable);
  EXPECT_EQ(logic_.calls, 0);
}

TEST_F(RemoteTest, FailsNoCallWhileAuthoritiesAndCertificatesAreReplaced) {
  Remote<v1::BookingService> booking(Target("booking@"), gateway_.files());
  const std::string both = authority_.certificate() + other_.certificate();
  EXPECT_THAT(Get(booking), IsOk());
  const auto first = booking.Current();
  EXPECT_EQ(booking.Current(), first) << "made once";
  gateway_.Renew(authority_, "gateway", both);
  booking_.Renew(other_, "booking", both);
  EXPECT_THAT(Get(booking), IsOk());
  EXPECT_NE(booking.Current(), first);
  gateway_.Renew(other_, "gateway", other_.certificate());
  booking_.Renew(other_, "booking", other_.certificate());
  EXPECT_THAT(Get(booking), IsOk());
}

}  // namespace
}  // namespace lumbar::rpc
