#include "services/gateway/consult/domain/list_feed.h"

#include <algorithm>
#include <utility>

#include "common/rpc/change_stream.h"
#include "common/status/macros.h"
#include "services/gateway/consult/domain/errors.h"

namespace lumbar::gateway {
namespace {

constexpr int kChangesAtOnce = 500;
constexpr size_t kConsultsAtOnce = 100;
// How long changes are kept in memory: longer than those who follow look back.
constexpr absl::Duration kKeptFor = absl::Minutes(1);
// What is older doesn't answer that nothing is new: those who follow would go past what they never saw.
constexpr absl::Duration kFreshFor = absl::Milliseconds(2500);

}  // namespace

absl::Status ListFeed::Refresh() {
  const absl::Time now = clock_.Now();
  LUMBAR_ASSIGN_OR_RETURN(const Reading reading, ReadNew(Begin(now)));
  LUMBAR_ASSIGN_OR_RETURN(const Consults consults, ReadConsults(reading.changes));
  Keep(reading, consults, now);
  return absl::OkStatus();
}

bool ListFeed::IsFresh() {
  MutexLock lock(mutex_);
  return IsFreshLocked();
}

bool ListFeed::IsFreshLocked() { return absl::AbsDuration(clock_.Now() - read_at_) <= kFreshFor; }

bool ListFeed::Covers(absl::Time from) { return IsFreshLocked() && covered_from_ < from; }

absl::Time ListFeed::Begin(absl::Time now) {
  MutexLock lock(mutex_);
  const bool was_set_back = read_at_ > now + rpc::kChangesSettle;
  if (was_set_back) read_at_ = now;
  if (was_set_back || now - read_at_ > kKeptFor) {
    kept_.clear();
    covered_from_ = now - 2 * rpc::kChangesSettle;
    return covered_from_;
  }
  // Commits come in another order than times.
  return std::max(covered_from_, read_at_ - rpc::kChangesSettle);
}

absl::StatusOr<ListFeed::Reading> ListFeed::ReadNew(absl::Time from) {
  Reading reading;
  ListChange position{from};
  while (!reading.whole && reading.changes.size() < most_) {
    LUMBAR_ASSIGN_OR_RETURN(std::vector<ListChange> page, log_.Changes(position, kChangesAtOnce));
    reading.whole = page.size() < kChangesAtOnce;
    if (!page.empty()) position = page.back();
    MutexLock lock(mutex_);
    for (ListChange& change : page) {
      if (kept_.count(change) == 0) reading.changes.push_back(std::move(change));
    }
  }
  return reading;
}

absl::StatusOr<ListFeed::Consults> ListFeed::ReadConsults(const std::vector<ListChange>& changes) {
  std::set<std::string> distinct;
  for (const ListChange& change : changes) distinct.insert(change.name);
  const std::vector<std::string> names(distinct.begin(), distinct.end());
  Consults consults;
  for (size_t first = 0; first < names.size(); first += kConsultsAtOnce) {
    const size_t end = std::min(names.size(), first + kConsultsAtOnce);
    LUMBAR_ASSIGN_OR_RETURN(std::vector<Case> found, log_.Cases({names.begin() + static_cast<std::ptrdiff_t>(first),
                                                                 names.begin() + static_cast<std::ptrdiff_t>(end)}));
    for (Case& one : found) {
      std::string name = one.consult.name();
      consults[std::move(name)] = std::make_shared<const Case>(std::move(one));
    }
  }
  return consults;
}

void ListFeed::Keep(const Reading& reading, const Consults& consults, absl::Time now) {
  MutexLock lock(mutex_);
  for (const ListChange& change : reading.changes) kept_.emplace(change, nullptr);
  // One consult in memory for all changes of it: as it was read last.
  for (auto& [change, consult] : kept_) {
    const auto found = consults.find(change.name);
    if (found == consults.end()) continue;
    // Somebody else may have read, and kept, a later version meanwhile.
    if (consult == nullptr || consult->version <= found->second->version) consult = found->second;
  }
  const absl::Time oldest = now - kKeptFor;
  while (!kept_.empty() && (kept_.size() > most_ || kept_.begin()->first.time < oldest)) {
    covered_from_ = std::max(covered_from_, kept_.begin()->first.time);
    kept_.erase(kept_.begin());
  }
  covered_from_ = std::max(covered_from_, oldest);
  if (reading.whole) read_at_ = std::max(read_at_, now);
}

absl::StatusOr<ListFeed::Found> ListFeed::Changes(const ListChange& after, int limit,
                                                  absl::FunctionRef<bool(const ListChange&)> wanted) {
  Found found;
  const size_t most = static_cast<size_t>(limit);
  {
    MutexLock lock(mutex_);
    if (Covers(after.time)) {
      for (auto next = kept_.upper_bound(after); next != kept_.end() && found.changes.size() < most; ++next) {
        if (wanted(next->first)) found.changes.push_back(next->first);
      }
      return found;
    }
  }
  const absl::Time settled = clock_.Now() - rpc::kChangesSettle;
  ListChange position = after;
  for (int looked_at = kChangesAtOnce; true; looked_at += kChangesAtOnce) {
    LUMBAR_ASSIGN_OR_RETURN(std::vector<ListChange> page, log_.Changes(position, kChangesAtOnce));
    for (const ListChange& change : page) {
      if (wanted(change)) found.changes.push_back(change);
      if (found.changes.size() == most) return found;
    }
    if (page.size() < kChangesAtOnce) return found;
    position = std::move(page.back());
    if (looked_at < kLookedAtOnce || position.time >= settled) continue;
    found.paused_at = std::move(position);
    return found;
  }
}

absl::StatusOr<std::shared_ptr<const Case>> ListFeed::Find(const ListChange& change) {
  {
    MutexLock lock(mutex_);
    const auto kept = kept_.find(change);
    if (kept != kept_.end() && kept->second != nullptr) return kept->second;
  }
  LUMBAR_ASSIGN_OR_RETURN(std::vector<Case> found, log_.Cases({change.name}));
  if (found.empty()) return ConsultNotFound();
  return std::make_shared<const Case>(std::move(found.front()));
}

}  // namespace lumbar::gateway
