#include "services/notification/adapters/carrier_group.h"

#include <algorithm>
#include <utility>

#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// Five in a row, so that a single bad number doesn't stop a provider; and as long as a try costs.
constexpr cache::BreakerOptions kBreaker = {5, absl::Seconds(10), 0.5};

// Whether it is the provider that failed, and not the message.
bool IsProvidersFault(const Handover& handover) {
  return absl::IsUnknown(handover.status) || (absl::IsUnavailable(handover.status) && !handover.of_letter);
}

// How open an answer leaves it whether a letter was taken: never, nobody can tell, ask later, nobody was asked.
int OpenBy(const absl::Status& answer) {
  if (absl::IsNotFound(answer)) return 0;
  if (absl::IsUnimplemented(answer)) return 1;
  return absl::IsResourceExhausted(answer) ? 3 : 2;
}

}  // namespace

CarrierGroup::Member::Member(Provider provider, const Clock& clock)
    : carrier(std::move(provider.carrier)), limit(provider.per_second, clock), breaker(clock, kBreaker) {}

absl::Duration CarrierGroup::Member::Rest(Call call, const Clock& clock) {
  {
    const absl::Time now = clock.Now();
    MutexLock lock(mutex);
    // A wall clock that was set back must not make it rest for hours.
    resting_until = std::min(resting_until, now + kLongestRest);
    if (resting_until > now) return resting_until - now;
  }
  const absl::Duration wait = call == Call::kSend ? limit.Take() : absl::ZeroDuration();
  if (wait > absl::ZeroDuration()) return wait;
  return breaker.Allow() ? absl::ZeroDuration() : kBreaker.cool_down;
}

void CarrierGroup::Member::Note(Call call, const Handover& handover, const Clock& clock) {
  if (!IsProvidersFault(handover)) {
    // Who lists texts may still take none.
    return call == Call::kSend ? breaker.Succeeded() : breaker.Undecided();
  }
  breaker.Failed();
  if (handover.retry_after <= absl::ZeroDuration()) return;
  MutexLock lock(mutex);
  resting_until = std::max(resting_until, clock.Now() + std::min(handover.retry_after, kLongestRest));
}

Handover CarrierGroup::Member::Ask(const Letter& letter, const Clock& clock) {
  if (!carrier->CanAsk()) return carrier->Ask(letter);
  const absl::Duration rest = Rest(Call::kAsk, clock);
  if (rest > absl::ZeroDuration()) return {ProvidersResting(), "", "", rest};
  Handover answer = carrier->Ask(letter);
  Note(Call::kAsk, answer, clock);
  return answer;
}

CarrierGroup::CarrierGroup(std::vector<Provider> providers, const Clock& clock) : clock_(clock) {
  for (Provider& provider : providers) members_.push_back(std::make_unique<Member>(std::move(provider), clock));
}

Handover CarrierGroup::Send(const Letter& letter) {
  Handover last = {ProvidersResting(), "", "", absl::InfiniteDuration()};
  const absl::Time latest = clock_.Now() + kLatestTry;
  for (const auto& member : members_) {
    if (clock_.Now() > latest) break;
    if (const absl::Duration rest = member->Rest(Call::kSend, clock_); rest > absl::ZeroDuration()) {
      last.retry_after = std::min(last.retry_after, rest);
      continue;
    }
    Handover handover = member->carrier->Send(letter);
    member->Note(Call::kSend, handover, clock_);
    if (!absl::IsUnavailable(handover.status)) return handover;
    handover.retry_after = std::min(handover.retry_after, last.retry_after);
    last = std::move(handover);
  }
  return last;
}

Handover CarrierGroup::Ask(const Letter& letter) {
  Handover open = {NeverTaken()};
  const absl::Time latest = clock_.Now() + kLatestTry;
  for (const auto& member : members_) {
    if (clock_.Now() > latest) return {ProvidersSlow()};
    Handover answer = member->Ask(letter, clock_);
    if (answer.status.ok()) return answer;
    if (OpenBy(answer.status) > OpenBy(open.status)) open = std::move(answer);
  }
  return open;
}

}  // namespace lumbar::notification
