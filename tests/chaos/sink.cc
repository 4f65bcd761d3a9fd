#include "tests/chaos/sink.h"

#include "tests/chaos/describe.h"

namespace lumbar::chaos {

bool Sink::Takes() {
  constexpr uint64_t kRefusesOneOf = 300;
  MutexLock lock(mutex_);
  return random_() % kRefusesOneOf != 0;
}

grpc::ServerUnaryReactor* Sink::RecordAppointmentEvent(grpc::CallbackServerContext* context,
                                                       const notification::v1::RecordAppointmentEventRequest* request,
                                                       notification::v1::RecordAppointmentEventResponse*) {
  const booking::v1::AppointmentEvent& event = request->event();
  const bool taken = Takes();
  recorder_.Write(LineOf(Event{event.event_id(), NowMicros(), taken, Describe(event.appointment())}));
  auto* const reactor = context->DefaultReactor();
  reactor->Finish(taken ? grpc::Status::OK : grpc::Status(grpc::StatusCode::UNAVAILABLE, "told to refuse"));
  return reactor;
}

}  // namespace lumbar::chaos
