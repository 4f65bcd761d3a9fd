// Over every engine: how the staff is told that a consult waits.
#include "services/notification/domain/alert_desk.h"

#include <gmock/gmock.h>

#include "services/notification/testing/conversation_fixture.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kConsult[] = "consults/11111111-2222-4333-8444-555555555555";

class AlertDeskTest : public ConversationFixture {
 protected:
  absl::StatusOr<v1::Message> Raise(AlertDesk& desk, int number, const std::string& request_id = store::NewUuid()) {
    v1::RaiseAlertRequest request;
    request.set_request_id(request_id);
    request.set_consult(kConsult);
    request.set_number(number);
    auto response = desk.RaiseAlert(rpc::TestContext(options::v1::ROLE_SERVICE, "services/gateway", request), request);
    if (!response.ok()) return response.status();
    return response->message();
  }
  AlertDesk alerts_{messages_, true, [this] { ++woken_; }};
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, AlertDeskTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(AlertDeskTest, TellsTheStaffBeforeAllThatWasDueBeforeIt) {
  for (int i = 0; i < kBatch; ++i) {
    Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  }
  clock_.Advance(absl::Seconds(1));
  versions_.standing_ = absl::UnavailableError("down");
  ASSERT_THAT(Raise(alerts_, 1), IsOk());
  EXPECT_EQ(woken_, 1);
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1)) << "booking isn't asked about it";
  EXPECT_EQ(mailer_.taken_[0].to_address, kStaffEmail);
  for (const std::string& part : {mailer_.taken_[0].text, mailer_.taken_[0].html}) {
    EXPECT_THAT(part, HasSubstr(kConsult));
  }
}

TEST_P(AlertDeskTest, RaisesEachOnce) {
  const std::string id = store::NewUuid();
  ASSERT_OK_AND_ASSIGN(const auto first, Raise(alerts_, 1, id));
  ASSERT_OK_AND_ASSIGN(const auto repeated, Raise(alerts_, 1, id));
  ASSERT_OK_AND_ASSIGN(const auto same, Raise(alerts_, 1));
  EXPECT_EQ(repeated.name(), first.name());
  EXPECT_EQ(same.name(), first.name());
  ASSERT_OK_AND_ASSIGN(const auto second, Raise(alerts_, 2));
  EXPECT_EQ(second.kind(), v1::MESSAGE_KIND_STAFF_CONSULT_OVERDUE);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(2));
}

TEST_P(AlertDeskTest, SaysThatNobodyCanBeTold) {
  AlertDesk lonely(messages_, false, [] {});
  EXPECT_THAT(Raise(lonely, 1), FailsWith(StatusCode::kFailedPrecondition, "STAFF_EMAIL_MISSING"));
  EXPECT_THAT(messages_.List({"", {}, {}, 10}), IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace lumbar::notification
