// Which calls may be made a second time, and how many.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <absl/strings/string_view.h>

#include <memory>
#include <string>
#include <vector>

namespace google::protobuf {
class MethodDescriptor;
}
namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace lumbar::gateway {

// Whether two calls of it do what one does: it is declared NO_SIDE_EFFECTS, or its contract requires a request_id, by
// which the service knows a call again.
bool IsRepeatable(const google::protobuf::MethodDescriptor& method);
// Such methods of `services`, by full name, as they are called:
// "/lumbar.booking.v1.BookingService/CreateHold".
absl::flat_hash_set<std::string> RepeatableMethods(const std::vector<std::string>& services);

// One retry for ten calls, so that a service in trouble gets a tenth more at most. Ten are there to begin with; a
// hundred can be saved up, for the connection that breaks under many calls.
class RetryBudget {
 public:
  void AddCall();
  // False: there is none left.
  bool Take();
  // One that was taken wasn't made after all.
  void GiveBack();

 private:
  // In tenths of a retry.
  int saved_ = 100;
};

// Thread safe.
class RetryPolicy {
 public:
  // Without a registry nobody sees how many there were.
  RetryPolicy(absl::flat_hash_set<std::string> repeatable, std::shared_ptr<prometheus::Registry> registry);

  bool IsRepeatable(absl::string_view method) const { return repeatable_.contains(method); }
  // Takes the retry that somebody wants out of `budget`; one that isn't there is counted.
  bool Allow(RetryBudget& budget) const;
  // One was made.
  void CountMade() const;

 private:
  const absl::flat_hash_set<std::string> repeatable_;
  // Whose the next two are.
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Counter* made_;
  prometheus::Counter* over_budget_;
};

}  // namespace lumbar::gateway
