// Several providers of one channel: the first that can takes the message.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/time/time.h>

#include <memory>
#include <vector>

#include "common/cache/breaker.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "services/notification/domain/carrier.h"
#include "services/notification/domain/rate_limit.h"

namespace lumbar::notification {

struct Provider {
  std::unique_ptr<Carrier> carrier;
  // 0: as many as it takes.
  double per_second = 0;
};

// Each provider has its rate, a breaker, and the rest that it asked for by Retry-After, kLongestRest at most. Thread
// safe.
class CarrierGroup final : public Carrier {
 public:
  // The preferred first; at least one. `clock` must outlive it.
  CarrierGroup(std::vector<Provider> providers, const Clock& clock);

  // Goes on to the next provider only if the one before surely didn't take the letter, and said so soon.
  // RESOURCE_EXHAUSTED/PROVIDERS_RESTING: nobody was tried; with how long they rest.
  Handover Send(const Letter& letter) override;

  // Asks all of them, for a crash doesn't leave word of whom it was with. One that can't be asked now leaves it open. A
  // question isn't a message: no rate holds it back.
  // RESOURCE_EXHAUSTED/PROVIDERS_RESTING: one of them must be left alone; with how long.
  // UNAVAILABLE/PROVIDERS_SLOW: there was no time to ask all of them.
  Handover Ask(const Letter& letter) override;

 private:
  // What a provider is called for.
  enum class Call { kSend, kAsk };

  struct Member {
    Member(Provider provider, const Clock& clock);

    // How long it must be left alone; zero: not at all, and then what becomes of the call is noted.
    absl::Duration Rest(Call call, const Clock& clock);
    void Note(Call call, const Handover& handover, const Clock& clock);
    // Asks unless it must be left alone.
    Handover Ask(const Letter& letter, const Clock& clock);

    const std::unique_ptr<Carrier> carrier;
    RateLimit limit;
    cache::Breaker breaker;
    Mutex mutex;
    absl::Time resting_until ABSL_GUARDED_BY(mutex) = absl::InfinitePast();
  };

  const Clock& clock_;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace lumbar::notification
