#include "services/gateway/edge/retry.h"

#include <absl/strings/str_cat.h>
#include <buf/validate/validate.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <utility>

namespace lumbar::gateway {
namespace {

// In tenths, as RetryBudget counts.
constexpr int kMostSaved = 1000;
constexpr int kRetry = 10;

}  // namespace

bool IsRepeatable(const google::protobuf::MethodDescriptor& method) {
  if (method.options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS) return true;
  const auto* const key = method.input_type()->FindFieldByName("request_id");
  return key != nullptr && key->options().GetExtension(buf::validate::field).required();
}

absl::flat_hash_set<std::string> RepeatableMethods(const std::vector<std::string>& services) {
  absl::flat_hash_set<std::string> methods;
  for (const std::string& name : services) {
    const auto* const service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      if (IsRepeatable(method)) methods.insert(absl::StrCat("/", name, "/", method.name()));
    }
  }
  return methods;
}

void RetryBudget::AddCall() { saved_ = std::min(saved_ + 1, kMostSaved); }

bool RetryBudget::Take() {
  if (saved_ < kRetry) return false;
  saved_ -= kRetry;
  return true;
}

void RetryBudget::GiveBack() { saved_ = std::min(saved_ + kRetry, kMostSaved); }

RetryPolicy::RetryPolicy(absl::flat_hash_set<std::string> repeatable, std::shared_ptr<prometheus::Registry> registry)
    : repeatable_(std::move(repeatable)),
      registry_(registry == nullptr ? std::make_shared<prometheus::Registry>() : std::move(registry)) {
  auto& retries =
      prometheus::BuildCounter()
          .Name("lumbar_edge_upstream_retries_total")
          .Help("Calls that a service refused or lost unanswered: made once more, or over the budget for that")
          .Register(*registry_);
  made_ = &retries.Add({{"outcome", "made"}});
  over_budget_ = &retries.Add({{"outcome", "over_budget"}});
}

bool RetryPolicy::Allow(RetryBudget& budget) const {
  const bool may = budget.Take();
  if (!may) over_budget_->Increment();
  return may;
}

void RetryPolicy::CountMade() const { made_->Increment(); }

}  // namespace lumbar::gateway
