// Limits that a test decides; for tests only.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "services/gateway/rate_limits/rate_limits.h"

namespace lumbar::gateway {

// Not thread safe.
class FakeLimits final : public RateLimits {
 public:
  void Take(std::vector<Bucket> buckets, Done done) override {
    taken.push_back(std::move(buckets));
    is_holding ? held.push_back(std::move(done)) : done(verdict);
  }
  std::optional<Verdict> KnownEmpty(const Bucket&) override { return known_empty; }

  // Answers what waits.
  void Release() {
    for (Done& done : std::exchange(held, {})) done(verdict);
  }

  Verdict verdict;
  std::optional<Verdict> known_empty;
  // Questions wait until Release.
  bool is_holding = false;
  std::vector<std::vector<Bucket>> taken;
  std::vector<Done> held;
};

}  // namespace lumbar::gateway
