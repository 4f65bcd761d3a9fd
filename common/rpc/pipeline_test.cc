#include "common/rpc/pipeline.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <barrier>

#include "common/auth/test_issuer.h"
#include "common/rpc/client.h"
#include "common/rpc/endpoint.h"
#include "common/status/matchers.h"
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
  // What a stream says, one text at a time.
  std::function<absl::StatusOr<std::vector<std::string>>()> watch;

  absl::StatusOr<v1::GetAppointmentResponse> Get(const CallContext& context, const v1::GetAppointmentRequest&) {
    return get(context);
  }
  absl::StatusOr<v1::ReleaseHoldResponse> Release(const CallContext& context, const v1::ReleaseHoldRequest&) {
    return release(context);
  }
  absl::StatusOr<std::unique_ptr<StreamSource>> Watch(const CallContext&, const v1::WatchAppointmentsRequest&) {
    auto texts = watch();
    if (!texts.ok()) return texts.status();
    return std::make_unique<Texts>(*std::move(texts));
  }

 private:
  class Texts final : public StreamSource {
   public:
    explicit Texts(std::vector<std::string> texts) : texts_(std::move(texts)) {}
    absl::StatusOr<bool> Next(google::protobuf::Message& message) override {
      if (next_ == texts_.size()) return false;
      static_cast<v1::WatchAppointmentsResponse&>(message).set_resume_token(texts_[next_++]);
      return true;
    }

   private:
    const std::vector<std::string> texts_;
    size_t next_ = 0;
  };
};

class ScriptedService final : public Endpoint<v1::BookingService::CallbackService, Script> {
 public:
  using Endpoint::Endpoint;
  grpc::ServerUnaryReactor* GetAppointment(grpc::CallbackServerContext* context,
                                           const v1::GetAppointmentRequest* request,
                                           v1::GetAppointmentResponse* response) override {
    return Serve(context, request, response, &Script::Get);
  }
  grpc::ServerUnaryReactor* ReleaseHold(grpc::CallbackServerContext* context, const v1::ReleaseHoldRequest* request,
                                        v1::ReleaseHoldResponse* response) override {
    return Serve(context, request, response, &Script::Release);
  }
  grpc::ServerWriteReactor<v1::WatchAppointmentsResponse>* WatchAppointments(
      grpc::CallbackServerContext* context, const v1::WatchAppointmentsRequest* request) override {
    return ServeStream<v1::WatchAppointmentsResponse>(context, request, &Script::Watch);
  }
};

class RecordedAudit final : public AuditLog {
 public:
  absl::Status Append(const AuditRecord& record) override {
    const std::lock_guard lock(mutex_);
    if (failing) return absl::UnavailableError("disk full");
    records_.push_back(record);
    return absl::OkStatus();
  }
  std::vector<AuditRecord> records() {
    const std::lock_guard lock(mutex_);
    return records_;
  }
  std::atomic<bool> failing = false;

 private:
  std::mutex mutex_;
  std::vector<AuditRecord> records_;
};

// A whole server in this process, with real tokens, two threads and a queue of one.
class PipelineTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = auth::TemporaryPath("jwks.json");
    auth::WriteFile(path, auth::JwksOf({issuer_.Jwk()}));
    ASSERT_OK_AND_ASSIGN(keys_, auth::KeyFile::Open(path, clock_));
    authenticator_ =
        std::make_unique<auth::Authenticator>(*keys_, clock_, auth::Expectations{"tests", "lumbar", "JWT"});
    StartServer(Handlers::kMayWait);
  }

  void StartServer(Handlers handlers) {
    if (server_ != nullptr) server_->Shutdown();
    ASSERT_OK_AND_ASSIGN(pipeline_,
                         Pipeline::Create({*authenticator_, audit_, metrics_, executor_, clock_},
                                          {v1::CreateHoldRequest::descriptor()->file()->service(0)}, handlers));
    service_ = std::make_unique<ScriptedService>(*pipeline_, script_);
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::BookingService::NewStub(server_->InProcessChannel({}));
  }

  void TearDown() override {
    server_->Shutdown();
    executor_.Drain(absl::Seconds(5));
  }

  std::string Token(const std::string& subject, const std::string& role) {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    return issuer_.Sign(
        {{"iss", "tests"}, {"aud", "lumbar"}, {"sub", subject}, {"role", role}, {"iat", now}, {"exp", now + 300}});
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

  // Reads `count` messages, then does `then` and reads to the end.
  absl::Status Watch(const std::string& token, size_t count, const std::function<void(grpc::ClientContext&)>& then,
                     std::vector<std::string>* texts = nullptr, const std::string& resume_token = "") {
    grpc::ClientContext context;
    Prepare(context, {clock_.Now() + absl::Seconds(5), NewTrace(), token});
    v1::WatchAppointmentsRequest request;
    request.set_resume_token(resume_token);
    const auto reader = stub_->WatchAppointments(&context, request);
    v1::WatchAppointmentsResponse response;
    for (size_t i = 0; i < count && reader->Read(&response); ++i) {
      if (texts != nullptr) texts->push_back(response.resume_token());
    }
    then(context);
    while (reader->Read(&response)) continue;
    return FromWire(reader->Finish());
  }
  // Waits until the call's end is recorded, too.
  std::vector<AuditRecord> AwaitRecords(size_t count) {
    while (audit_.records().size() < count) std::this_thread::yield();
    return audit_.records();
  }

  auth::TestIssuer issuer_;
  SystemClock clock_;
  std::unique_ptr<auth::KeyFile> keys_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  RecordedAudit audit_;
  RpcMetrics metrics_{std::make_shared<prometheus::Registry>()};
  Executor executor_{2, 1};
  std::unique_ptr<Pipeline> pipeline_;
  Script script_;
  std::unique_ptr<ScriptedService> service_;
  std::unique_ptr<grpc::Server> server_;
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

TEST_F(PipelineTest, StreamsUntilTheProcessStops) {
  script_.watch = [] { return std::vector<std::string>{"a", "b", "c"}; };
  std::vector<std::string> texts;
  const auto stop = [&](grpc::ClientContext&) { pipeline_->streams().EndAll(); };
  EXPECT_THAT(Watch(Token("staff/1", "staff"), 3, stop, &texts),
              FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
  EXPECT_THAT(texts, testing::ElementsAre("a", "b", "c"));
  const auto records = AwaitRecords(2);
  EXPECT_EQ(records[0].code, "OK") << "it began";
  EXPECT_EQ(records[1].reason, "STREAM_ENDED");
  EXPECT_EQ(records[1].event, "appointment.watch");
  EXPECT_THAT(Watch(Token("staff/1", "staff"), 0, [](auto&) {}),
              FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
}

TEST_F(PipelineTest, GuardsAStreamAsItGuardsACall) {
  const auto nothing = [](grpc::ClientContext&) {};
  EXPECT_THAT(Watch("", 1, nothing), FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING"));
  EXPECT_THAT(Watch(Token("patients/17", "patient"), 1, nothing),
              FailsWith(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED"));
  EXPECT_THAT(Watch(Token("staff/1", "staff"), 1, nothing, nullptr, std::string(513, 'x')),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  script_.watch = []() -> absl::StatusOr<std::vector<std::string>> { return absl::OutOfRangeError("too old"); };
  EXPECT_EQ(Watch(Token("staff/1", "staff"), 1, nothing).code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(AwaitRecords(4), testing::SizeIs(4)) << "refusals are audited once";
}

TEST_F(PipelineTest, ForgetsAStreamWhoseReaderIsGone) {
  script_.watch = [] { return std::vector<std::string>(1000, std::string(100'000, 'x')); };
  EXPECT_EQ(Watch(Token("staff/1", "staff"), 1, [](grpc::ClientContext& context) { context.TryCancel(); }).code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(AwaitRecords(2)[1].code, "CANCELLED");
}

TEST_F(PipelineTest, GivesUpAReaderThatStallsWhenTheProcessStops) {
  script_.watch = [] { return std::vector<std::string>(1000, std::string(100'000, 'x')); };
  const auto stop = [&](grpc::ClientContext&) {
    pipeline_->streams().EndAll();
    while (audit_.records().size() < 2) pipeline_->streams().WakeAll();
    EXPECT_EQ(audit_.records()[1].code, "UNAVAILABLE") << "while the reader takes nothing";
  };
  // UNAVAILABLE if the stop came before the reader's buffers were full.
  EXPECT_THAT(Watch(Token("staff/1", "staff"), 1, stop).code(),
              testing::AnyOf(absl::StatusCode::kCancelled, absl::StatusCode::kUnavailable));
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
