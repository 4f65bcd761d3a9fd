// Takes the events that booking tells, in the place of the notification service, and writes down each delivery.
#pragma once

#include <absl/base/thread_annotations.h>

#include <random>

#include "common/concurrency/mutex.h"
#include "lumbar/notification/v1/notification_service.grpc.pb.h"
#include "tests/chaos/recorder.h"

namespace lumbar::chaos {

// Now and then it says UNAVAILABLE, and the event must be told again.
class Sink final : public notification::v1::NotificationService::CallbackService {
 public:
  Sink(Recorder& recorder, uint64_t seed) : recorder_(recorder), random_(seed) {}

  grpc::ServerUnaryReactor* RecordAppointmentEvent(grpc::CallbackServerContext* context,
                                                   const notification::v1::RecordAppointmentEventRequest* request,
                                                   notification::v1::RecordAppointmentEventResponse* response) override;

 private:
  bool Takes();

  Recorder& recorder_;
  Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::chaos
