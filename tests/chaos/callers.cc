#include "tests/chaos/callers.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include "common/rpc/client.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "tests/chaos/describe.h"

namespace lumbar::chaos {
namespace {

namespace v1 = booking::v1;

// Shorter than the service's own waits, so that an answer may come after its call was given up.
constexpr absl::Duration kDeadline = absl::Milliseconds(1200);
constexpr int kMostTries = 15;
constexpr char kSubject[] = "services/chaos-";

google::protobuf::Timestamp TimeOf(Micros micros) { return ToProtoTime(absl::FromUnixMicros(micros)); }

// Whether the call surely did nothing.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
      return !ReasonOf(status).empty();
    default:
      return false;
  }
}

void Fill(const Invocation& call, const World& world, v1::CreateHoldRequest& request) {
  request.set_request_id(call.key);
  request.set_patient(call.patient);
  request.set_clinician(call.clinician);
  request.set_visit_type(call.kind);
  *request.mutable_start_time() = TimeOf(call.start);
  v1::PatientContact& contact = *request.mutable_contact();
  contact.set_display_name("Somebody");
  contact.set_email("somebody@example.org");
  contact.set_time_zone("UTC");
  contact.set_state("NY");
  contact.set_age_years(44);
  int patient = 0;
  (void)absl::SimpleAtoi(call.patient.substr(World::PatientName(0).size() - 1), &patient);
  request.set_signed_assessment(world.assessment(patient));
}
void Fill(const Invocation& call, const World&, v1::ConfirmHoldRequest& request) {
  request.set_request_id(call.key);
  request.set_name(call.name);
}
void Fill(const Invocation& call, const World&, v1::ReleaseHoldRequest& request) {
  request.set_request_id(call.key);
  request.set_name(call.name);
}
void Fill(const Invocation& call, const World&, v1::CancelAppointmentRequest& request) {
  request.set_request_id(call.key);
  request.set_name(call.name);
  request.set_etag(call.etag);
}
void Fill(const Invocation& call, const World&, v1::RescheduleAppointmentRequest& request) {
  request.set_request_id(call.key);
  request.set_name(call.name);
  request.set_etag(call.etag);
  request.set_clinician(call.clinician);
  *request.mutable_start_time() = TimeOf(call.start);
}
void Fill(const Invocation& call, const World&, v1::GetAppointmentRequest& request) { request.set_name(call.name); }
void Fill(const Invocation& call, const World&, v1::ListAppointmentsRequest& request) {
  request.set_patient(call.patient);
  request.set_clinician(call.clinician);
  request.set_page_size(call.clinician.empty() ? 200 : 40);
}
void Fill(const Invocation& call, const World&, v1::SearchSlotsRequest& request) {
  request.set_patient_state("NY");
  request.set_patient_age_years(44);
  request.set_visit_type(call.kind);
  request.set_clinician(call.clinician);
  *request.mutable_start_time() = TimeOf(call.from);
  *request.mutable_end_time() = TimeOf(call.until);
  request.set_page_size(200);
}

template <typename Response>
void Read(const Response& response, Return& result) {
  if constexpr (requires { response.hold(); }) {
    result.visits = {Describe(response.hold())};
  } else if constexpr (requires { response.appointment(); }) {
    result.visits = {Describe(response.appointment())};
  } else if constexpr (requires { response.appointments(); }) {
    for (const v1::Appointment& appointment : response.appointments()) result.visits.push_back(Describe(appointment));
    result.more = !response.next_page_token().empty();
  } else {
    for (const v1::Slot& slot : response.slots()) {
      result.slots.push_back(absl::ToUnixMicros(FromProto(slot.start_time())));
    }
    result.more = !response.next_page_token().empty();
  }
}

// Two connections to `target`, found again soon after it was away.
std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 300);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 300);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 1000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 1000);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

// Its callbacks follow each other, so that nothing of it is touched by two threads at a time.
class Callers::Client {
 public:
  Client(Callers& all, int number)
      : all_(all), number_(number), random_(all.options_.seed * 1000 + static_cast<uint64_t>(number)) {}

  void Next() {
    if (absl::Now() >= all_.end_) return all_.Ended();
    call_ = all_.board_.Choose(random_);
    if (call_.caller.empty()) call_.caller = absl::StrCat(kSubject, number_);
    call_.client = number_;
    tries_ = 0;
    Send();
  }

 private:
  using Async = v1::BookingService::StubInterface::async_interface;

  template <typename Request, typename Response>
  struct Exchange {
    grpc::ClientContext context;
    Request request;
    Response response;
  };

  void Send() {
    call_.op = ++all_.ops_;
    const TraceContext trace = NewTrace();
    call_.trace = trace.trace_id;
    call_.at = NowMicros();
    ++tries_;
    ++all_.counts_.calls;
    all_.recorder_.Write(LineOf(call_));
    Dispatch(trace);
  }

  void Dispatch(const TraceContext& trace) {
    if (call_.method == "CreateHold") return Make(&Async::CreateHold, trace);
    if (call_.method == "ConfirmHold") return Make(&Async::ConfirmHold, trace);
    if (call_.method == "ReleaseHold") return Make(&Async::ReleaseHold, trace);
    if (call_.method == "CancelAppointment") return Make(&Async::CancelAppointment, trace);
    if (call_.method == "RescheduleAppointment") return Make(&Async::RescheduleAppointment, trace);
    if (call_.method == "GetAppointment") return Make(&Async::GetAppointment, trace);
    if (call_.method == "ListAppointments") return Make(&Async::ListAppointments, trace);
    Make(&Async::SearchSlots, trace);
  }

  template <typename Request, typename Response>
  void Make(void (Async::*method)(grpc::ClientContext*, const Request*, Response*, std::function<void(grpc::Status)>),
            const TraceContext& trace) {
    const auto exchange = std::make_shared<Exchange<Request, Response>>();
    int owner = 0;
    (void)absl::SimpleAtoi(call_.caller.substr(sizeof kSubject - 1), &owner);
    rpc::Prepare(exchange->context, {absl::Now() + kDeadline, trace, all_.tokens_[static_cast<size_t>(owner)]});
    Fill(call_, all_.world_, exchange->request);
    Stub& stub = *all_.stubs_[random_() % all_.stubs_.size()];
    (stub.async()->*method)(&exchange->context, &exchange->request, &exchange->response,
                            [this, exchange](const grpc::Status& status) {
                              Return result;
                              result.at = NowMicros();
                              if (status.ok()) Read(exchange->response, result);
                              Finish(status.ok() ? absl::OkStatus() : rpc::FromWire(status), std::move(result));
                            });
  }

  void Finish(const absl::Status& status, Return result) {
    result.op = call_.op;
    result.outcome = status.ok() ? "ok" : IsRefusal(status) ? "fail" : "info";
    result.code = absl::StatusCodeToString(status.code());
    result.reason = ReasonOf(status);
    all_.recorder_.Write(LineOf(result));
    const bool unknown = result.outcome == "info";
    ++(unknown ? all_.counts_.unknown : all_.counts_.answered);
    all_.board_.Publish(call_, result);
    // Some are never asked for again.
    const bool again = unknown && !call_.key.empty() && tries_ < kMostTries && random_() % 16 != 0;
    if (!unknown) return Next();
    const auto pause = std::chrono::milliseconds(20 + random_() % 150);
    alarm_.Set(std::chrono::system_clock::now() + pause, [this, again](bool) { again ? Send() : Next(); });
  }

  Callers& all_;
  const int number_;
  std::mt19937_64 random_;
  Invocation call_;
  int tries_ = 0;
  grpc::Alarm alarm_;
};

Callers::Callers(const World& world, Recorder& recorder, Options options)
    : world_(world), recorder_(recorder), options_(std::move(options)), board_(world.config()) {
  constexpr int kConnections = 2;
  for (const std::string& target : options_.targets) {
    for (int i = 0; i < kConnections; ++i) stubs_.push_back(v1::BookingService::NewStub(Connect(target)));
  }
}

Callers::~Callers() = default;

absl::Status Callers::Start() {
  for (int client = 0; client < options_.clients; ++client) {
    LUMBAR_ASSIGN_OR_RETURN(std::string token, world_.Token(absl::StrCat(kSubject, client), "service"));
    tokens_.push_back(std::move(token));
    clients_.push_back(std::make_unique<Client>(*this, client));
  }
  end_ = absl::Now() + options_.lasts;
  {
    MutexLock lock(mutex_);
    running_ = options_.clients;
  }
  for (const auto& client : clients_) client->Next();
  return absl::OkStatus();
}

void Callers::Ended() {
  MutexLock lock(mutex_);
  --running_;
  all_ended_.NotifyAll();
}

bool Callers::WaitFor(absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  MutexLock lock(mutex_);
  while (running_ > 0 && absl::Now() < until) all_ended_.WaitFor(mutex_, until - absl::Now());
  return running_ == 0;
}

}  // namespace lumbar::chaos
