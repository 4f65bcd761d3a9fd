// The calls of one FHIR request, made one after the other as whoever sent it.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <functional>
#include <memory>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "services/gateway/edge/upstream.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// Thread safe; lives in the hands of the call that is under way.
class Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  using Done = std::function<void(absl::StatusOr<FhirAnswer>)>;

  // All calls together end at `deadline` of `clock`. Both outlive the conversation.
  Conversation(Upstream& upstream, Metadata metadata, const Clock& clock, absl::Time deadline, Done done)
      : upstream_(upstream),
        metadata_(std::move(metadata)),
        clock_(clock),
        deadline_(deadline),
        done_(std::move(done)) {}

  // Begins. `done` is called once, maybe before it returns; what it returns gives up the call that is under way, and
  // all that would follow.
  GiveUp Begin(absl::StatusOr<Step> first);

 private:
  void GoOn(absl::StatusOr<Step> step);
  void Make(Step step);
  // False once it was given up.
  bool StartTurn(int& turn);
  void EndTurn();
  void Keep(int turn, GiveUp give_up);
  void End();

  Upstream& upstream_;
  const Metadata metadata_;
  const Clock& clock_;
  const absl::Time deadline_;
  const Done done_;
  Mutex mutex_;
  bool is_given_up_ ABSL_GUARDED_BY(mutex_) = false;
  // Grows as a call begins and ends: an older one's way to give up is of no use.
  int turn_ ABSL_GUARDED_BY(mutex_) = 0;
  GiveUp give_up_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::gateway::fhir
