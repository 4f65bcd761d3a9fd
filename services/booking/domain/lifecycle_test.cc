// Every step from every state: what isn't in the table is refused, and what is does what the table says.
#include "services/booking/domain/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

constexpr Step kSteps[] = {Step::kReschedule, Step::kCancel,   Step::kCheckIn,
                           Step::kJoin,       Step::kComplete, Step::kMarkNoShow};
const absl::Time kNow = absl::FromUnixSeconds(1'772'000'000);

v1::Appointment In(v1::AppointmentState state) {
  v1::Appointment appointment;
  appointment.set_name("appointments/1");
  appointment.set_state(state);
  appointment.set_version(3);
  appointment.set_etag("v3");
  *appointment.mutable_slot()->mutable_start_time() = ToProtoTime(kNow);
  *appointment.mutable_slot()->mutable_end_time() = ToProtoTime(kNow + absl::Minutes(30));
  return appointment;
}

// The product's rules in words of their own, so that a slip in the table has a second opinion against it.
v1::AppointmentState Wanted(v1::AppointmentState from, Step step) {
  const bool in_visit = from == v1::APPOINTMENT_STATE_IN_VISIT, checked_in = from == v1::APPOINTMENT_STATE_CHECKED_IN;
  const bool to_come = from == v1::APPOINTMENT_STATE_BOOKED || checked_in;
  if (step == Step::kReschedule && to_come) return v1::APPOINTMENT_STATE_BOOKED;
  if (step == Step::kCancel && to_come) return v1::APPOINTMENT_STATE_CANCELLED;
  if (step == Step::kMarkNoShow && to_come) return v1::APPOINTMENT_STATE_NO_SHOW;
  if (step == Step::kCheckIn && to_come) return v1::APPOINTMENT_STATE_CHECKED_IN;
  if (step == Step::kCheckIn && in_visit) return v1::APPOINTMENT_STATE_IN_VISIT;
  if (step == Step::kJoin && (to_come || in_visit)) return v1::APPOINTMENT_STATE_IN_VISIT;
  if (step == Step::kComplete && (to_come || in_visit)) return v1::APPOINTMENT_STATE_COMPLETED;
  return v1::APPOINTMENT_STATE_UNSPECIFIED;
}

TEST(LifecycleTest, TakesEveryStepFromEveryStateAsTheTableSaysOrNotAtAll) {
  for (int number = v1::AppointmentState_MIN; number <= v1::AppointmentState_MAX; ++number) {
    const auto from = static_cast<v1::AppointmentState>(number);
    for (const Step step : kSteps) {
      SCOPED_TRACE(v1::AppointmentState_Name(from) + " step " + std::to_string(static_cast<int>(step)));
      const v1::AppointmentState wanted = Wanted(from, step);
      const auto after = Advance(In(from), step, "v3", kNow);
      if (wanted == v1::APPOINTMENT_STATE_UNSPECIFIED) {
        EXPECT_THAT(after, FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
        continue;
      }
      ASSERT_THAT(after, IsOk());
      EXPECT_EQ(after->state(), wanted);
      EXPECT_EQ(after->version(), 4);
      EXPECT_EQ(after->etag(), "v4");
      EXPECT_EQ(FromProto(after->update_time()), kNow);
    }
  }
}

TEST(LifecycleTest, HasOneRowForEachStateAndStep) {
  std::map<std::pair<v1::AppointmentState, Step>, int> rows;
  for (const Transition& row : kTransitions) EXPECT_EQ(++rows[std::make_pair(row.from, row.step)], 1);
}

TEST(LifecycleTest, TellsAnIllegalStepBeforeAStaleEtag) {
  EXPECT_THAT(Advance(In(v1::APPOINTMENT_STATE_CANCELLED), Step::kCancel, "v1", kNow),
              FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
  EXPECT_THAT(Advance(In(v1::APPOINTMENT_STATE_BOOKED), Step::kCancel, "v1", kNow),
              FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Advance(In(v1::APPOINTMENT_STATE_BOOKED), Step::kCancel, "", kNow), IsOk());
}

}  // namespace
}  // namespace lumbar::booking
