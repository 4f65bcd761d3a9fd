#include "common/rpc/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>

#include "common/rpc/served_test.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"

namespace lumbar::rpc {
namespace {

namespace v1 = booking::v1;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr char kRequestId[] = "00000000-0000-4000-8000-00000000000a";
constexpr char kAppointment[] = "appointments/00000000-0000-4000-8000-000000000001";

// Does what the test tells it to.
struct Script {
  std::function<absl::StatusOr<v1::GetAppointmentResponse>(const CallContext&)> get;
  std::function<absl::StatusOr<v1::ReleaseHoldResponse>(const CallContext&)> release;

  absl::StatusOr<v1::GetAppointmentResponse> Get(const CallContext& context, const v1::GetAppointmentRequest&) {
    return get(context);
  }
  absl::StatusOr<v1::ReleaseHoldResponse> Release(const CallContext& context, const v1::ReleaseHoldRequest&) {
    return release(context);
  }
};

class PipelineTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    StartServer(Handlers::kMayWait);
  }

  void StartServer(Handlers handlers) {
    const auto& contract = *v1::CreateHoldRequest::descriptor()->file()->FindServiceByName("BookingService");
    Serve(
        WholeTable(
            ServiceMethods(contract, script_).Add("GetAppointment", &Script::Get).Add("ReleaseHold", &Script::Release)),
        handlers);
    stub_ = v1::BookingService::NewStub(channel_);
  }

  absl::StatusOr<v1::GetAppointmentResponse> Get(const std::string& token, const std::string& name = kAppointment,
                                                 absl::Duration timeout = absl::Seconds(5)) {
    v1::GetAppointmentRequest request;
    request.set_name(name);
    return rpc::Call(*stub_, &v1::BookingService::Stub::GetAppointment, request,
                     {clock_.Now() + timeout, NewTrace(), token});
  }

  absl::StatusOr<v1::ReleaseHoldResponse> Release(const std::string& token) {
    v1::ReleaseHoldRequest request;
    request.set_request_id(kRequestId);
    request.set_name("holds/00000000-0000-4000-8000-000000000001");
    return rpc::Call(*stub_, &v1::BookingService::Stub::ReleaseHold, request,
                     {clock_.Now() + absl::Seconds(5), NewTrace(), token});
  }

  Script script_;
  std::unique_ptr<v1::BookingService::Stub> stub_;
};

TEST_F(PipelineTest, AnswersTheOwner) {
  script_.get = [](const CallContext& context) -> absl::StatusOr<v1::GetAppointmentResponse> {
    if (auto status = context.CheckOwner("patients/17"); !status.ok()) return status;
    v1::GetAppointmentResponse response;
    response.mutable_appointment()->set_name(kAppointment);
    return response;
  };
  ASSERT_OK_AND_ASSIGN(const auto response, Get(Token("patients/17", "patient")));
  EXPECT_EQ(response.appointment().name(), kAppointment);
  EXPECT_THAT(Get(Token("patients/18", "patient")), FailsWith(absl::StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Get(Token("staff/1", "staff")), IsOk());
}

TEST_F(PipelineTest, RefusesACallerWithoutAToken) {
  EXPECT_THAT(Get(""), FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
}

TEST_F(PipelineTest, RefusesARoleThatTheContractDoesNotList) {
  EXPECT_THAT(Get(Token("admins/1", "admin")), FailsWith(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED"));
}

TEST_F(PipelineTest, NamesTheFieldThatBreaksARule) {
  const auto refused = Get(Token("staff/1", "staff"), "appointments/nonsense");
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(refused.status().message(), HasSubstr("name"));
}

TEST_F(PipelineTest, WithholdsAnAnswerWhoseOwnerNobodyChecked) {
  script_.get = [](const CallContext&) { return v1::GetAppointmentResponse(); };
  EXPECT_THAT(Get(Token("staff/1", "staff")), FailsWith(absl::StatusCode::kInternal, "ANSWER_WITHHELD"));
}

TEST_F(PipelineTest, TurnsAThrowingHandlerIntoAnErrorWithoutItsText) {
  script_.get = [](const CallContext&) -> absl::StatusOr<v1::GetAppointmentResponse> {
    throw std::runtime_error("alex@example.com");
  };
  const auto failed = Get(Token("staff/1", "staff"));
  EXPECT_THAT(failed, FailsWith(absl::StatusCode::kInternal, "HANDLER_FAILED"));
  EXPECT_THAT(failed.status().message(), Not(HasSubstr("alex")));
}

TEST_F(PipelineTest, AuditsRefusedCallsToo) {
  ASSERT_FALSE(Get(Token("admins/1", "admin")).ok());
  EXPECT_THAT(audit_.records(),
              Contains(testing::AllOf(
                  Field(&AuditRecord::event, "appointment.get"), Field(&AuditRecord::subject, "admins/1"),
                  Field(&AuditRecord::reason, "ROLE_NOT_ALLOWED"), Field(&AuditRecord::resource, kAppointment))));
}

TEST_F(PipelineTest, IsNotReadyWhileTheAuditLogCannotBeWritten) {
  audit_.failing = true;
  ASSERT_FALSE(Get("").ok());
  EXPECT_THAT(pipeline_->Ready(), FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
  audit_.failing = false;
  EXPECT_THAT(pipeline_->Ready(), IsOk()) << "without a call";
  EXPECT_THAT(audit_.records(), testing::ElementsAre(Field(&AuditRecord::event, "audit.probe")));
  EXPECT_THAT(pipeline_->Ready(), IsOk());
  EXPECT_THAT(audit_.records(), testing::SizeIs(1)) << "probes only while it fails";
}

TEST_F(PipelineTest, RefusesMutationsWhileTheAuditLogCannotBeWritten) {
  int released = 0;
  script_.release = [&](const CallContext& context) {
    ++released;
    (void)context.CheckOwner("patients/17");
    return v1::ReleaseHoldResponse();
  };
  script_.get = [](const CallContext& context) {
    (void)context.CheckOwner("patients/17");
    return v1::GetAppointmentResponse();
  };
  audit_.failing = true;
  ASSERT_FALSE(Get("").ok());
  EXPECT_THAT(Release(Token("patients/17", "patient")), FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
  EXPECT_EQ(released, 0);
  EXPECT_THAT(Get(Token("patients/17", "patient")), IsOk()) << "a read changes nothing";
  audit_.failing = false;
  ASSERT_THAT(pipeline_->Ready(), IsOk());
  EXPECT_THAT(Release(Token("patients/17", "patient")), IsOk());
}

TEST_F(PipelineTest, WithholdsWhatAHandlerTellsApartWhileItCannotBeRecorded) {
  script_.get = [](const CallContext& context) {
    (void)context.CheckOwner("patients/17");
    context.NoteAuditEvent("access.use");
    return v1::GetAppointmentResponse();
  };
  EXPECT_THAT(Get(Token("patients/17", "patient")), IsOk());
  audit_.failing = true;
  EXPECT_THAT(Get(Token("patients/17", "patient")), FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
}

TEST_F(PipelineTest, AuditsTheEventThatTheHandlerNoted) {
  script_.release = [](const CallContext& context) -> absl::StatusOr<v1::ReleaseHoldResponse> {
    context.NoteAuditEvent("hold.release_special");
    return absl::AbortedError("no");
  };
  ASSERT_FALSE(Release(Token("patients/17", "patient")).ok());
  EXPECT_THAT(audit_.records(), testing::ElementsAre(testing::AllOf(Field(&AuditRecord::event, "hold.release_special"),
                                                                    Field(&AuditRecord::code, "ABORTED"),
                                                                    Field(&AuditRecord::subject, "patients/17"))));
}

TEST_F(PipelineTest, HandsAMutationItsKey) {
  store::Mutation seen;
  script_.release = [&](const CallContext& context) {
    seen = context.mutation();
    (void)context.CheckOwner("patients/17");
    return v1::ReleaseHoldResponse();
  };
  ASSERT_THAT(Release(Token("patients/17", "patient")), IsOk());
  EXPECT_EQ(seen.caller, "patients/17");
  EXPECT_EQ(seen.method, "/lumbar.booking.v1.BookingService/ReleaseHold");
  EXPECT_EQ(seen.request_id, kRequestId);
  EXPECT_EQ(seen.body_hash.size(), 64u);
}

TEST_F(PipelineTest, RunsHandlersThatNeverWaitWithoutTheExecutor) {
  ASSERT_TRUE(executor_.Drain(absl::ZeroDuration()));
  script_.get = [](const CallContext& context) {
    (void)context.CheckOwner("");
    return v1::GetAppointmentResponse();
  };
  EXPECT_THAT(Get(Token("staff/1", "staff")), FailsWith(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  StartServer(Handlers::kNeverWait);
  EXPECT_THAT(Get(Token("staff/1", "staff")), IsOk());
}

TEST_F(PipelineTest, ShedsWhatDoesNotFitAndServesTheRest) {
  // Two calls run and one waits; the fourth is shed while they are stuck.
  std::barrier stuck(3);
  std::barrier go(3);
  std::atomic<int> running = 0;
  script_.get = [&](const CallContext& context) {
    if (running.fetch_add(1) < 2) {
      stuck.arrive_and_wait();
      go.arrive_and_wait();
    }
    (void)context.CheckOwner("");
    return v1::GetAppointmentResponse();
  };
  const std::string token = Token("staff/1", "staff");
  std::vector<std::thread> callers;
  callers.reserve(3);
  std::atomic<int> served = 0;
  for (int i = 0; i < 2; ++i) callers.emplace_back([&] { served += Get(token).ok(); });
  stuck.arrive_and_wait();
  callers.emplace_back([&] { served += Get(token).ok(); });
  while (executor_.queued() < 1) std::this_thread::yield();
  EXPECT_THAT(Get(token), FailsWith(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  go.arrive_and_wait();
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(served, 3);
}

}  // namespace
}  // namespace lumbar::rpc
