#include "services/gateway/fhir/conversation.h"

#include <utility>

#include "services/gateway/edge/errors.h"
#include "services/gateway/fhir/outcome.h"

namespace lumbar::gateway::fhir {

GiveUp Conversation::Begin(absl::StatusOr<Step> first) {
  GoOn(std::move(first));
  return [self = shared_from_this()] { self->End(); };
}

void Conversation::GoOn(absl::StatusOr<Step> step) {
  if (!step.ok()) return done_(step.status());
  if (step->answer) return done_(*std::move(step->answer));
  Make(*std::move(step));
}

void Conversation::Make(Step step) {
  int turn = 0;
  if (!StartTurn(turn)) return done_(ClientGone());
  const absl::Duration left = deadline_ - clock_.Now();
  if (left <= absl::ZeroDuration()) return done_(UpstreamTooSlow());
  UpstreamCall call{std::move(step.method), std::move(step.request), metadata_, left};
  GiveUp give_up =
      upstream_.Call(std::move(call), [self = shared_from_this(), paths = step.paths,
                                       then = std::move(step.then)](const absl::StatusOr<std::string>& response) {
        self->EndTurn();
        if (!response.ok()) return self->done_(InWordsOf(paths, response.status()));
        self->GoOn(then(*response));
      });
  Keep(turn, std::move(give_up));
}

bool Conversation::StartTurn(int& turn) {
  const MutexLock lock(mutex_);
  turn = ++turn_;
  return !is_given_up_;
}

// What would give the call up may hold this conversation: they would keep each other.
void Conversation::EndTurn() {
  GiveUp give_up;
  const MutexLock lock(mutex_);
  ++turn_;
  give_up.swap(give_up_);
}

// By now the call may be over.
void Conversation::Keep(int turn, GiveUp give_up) {
  {
    const MutexLock lock(mutex_);
    if (turn != turn_) return;
    if (!is_given_up_) {
      give_up_ = std::move(give_up);
      return;
    }
  }
  if (give_up != nullptr) give_up();
}

void Conversation::End() {
  GiveUp give_up;
  {
    const MutexLock lock(mutex_);
    is_given_up_ = true;
    give_up.swap(give_up_);
  }
  if (give_up != nullptr) give_up();
}

}  // namespace lumbar::gateway::fhir
