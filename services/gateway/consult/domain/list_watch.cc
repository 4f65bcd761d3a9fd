#include "services/gateway/consult/domain/list_watch.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <optional>
#include <utility>
#include <vector>

#include "common/rpc/change_stream.h"
#include "common/rpc/errors.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "services/gateway/consult/domain/audience.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/domain/worklist.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;

// The list whose changes `caller` wants.
absl::StatusOr<ConsultQuery> ListOf(const auth::Caller& caller, const v1::WatchConsultsRequest& request) {
  v1::ListConsultsRequest list;
  list.set_patient(request.patient());
  list.set_view(request.view());
  list.set_clinician(request.clinician());
  *list.mutable_states() = request.states();
  LUMBAR_ASSIGN_OR_RETURN(ConsultQuery query, QueryFor(caller, list));
  query.open = query.states.empty();
  return query;
}

// Everything that decides which changes the stream has.
std::string BindingOfList(const ConsultQuery& query) {
  return absl::StrCat("watch|", query.patient, "|", query.worker, "|", query.queue, "|",
                      absl::StrJoin(query.states, ","));
}

class ChangesOfList final : public rpc::Changes<ListChange, v1::WatchConsultsResponse> {
 public:
  ChangesOfList(ListFeed& feed, const Clock& clock, auth::Caller caller, ConsultQuery query,
                std::unique_ptr<ListWatch::Seat> seat)
      : feed_(feed), clock_(clock), caller_(std::move(caller)), query_(std::move(query)), seat_(std::move(seat)) {}

  absl::StatusOr<std::vector<ListChange>> Keys(const ListChange& after, int limit) override {
    // What comes after an older one may be swept.
    if (after.time + rpc::kChangesSettle < clock_.Now() - kListChangesKept) return ResumeTokenTooOld();
    LUMBAR_ASSIGN_OR_RETURN(ListFeed::Found found, feed_.Changes(after, limit, [this](const ListChange& change) {
      return IsListed(query_, change.patient, change.before) || IsListed(query_, change.patient, change.after);
    }));
    paused_at_ = std::move(found.paused_at);
    return std::move(found.changes);
  }
  std::optional<ListChange> PausedAt() const override { return paused_at_; }

  // Tells how things stand, whatever the order of times in which two processes changed one consult.
  absl::StatusOr<bool> Read(const ListChange& change, v1::WatchConsultsResponse& response) override {
    LUMBAR_ASSIGN_OR_RETURN(const std::shared_ptr<const Case> found, feed_.Find(change));
    const bool is_last = found->change_version == change.version;
    const bool is_in = IsListed(query_, found->consult.patient(), FactsOf(found->consult));
    // A later change in the list is there, and is told.
    const bool goes_on = is_in || IsListed(query_, change.patient, change.after);
    if (!is_last && goes_on) return false;
    if (is_in) {
      *response.mutable_consult() = ShownTo(caller_, *found, clock_.Now());
    } else {
      response.set_removed(change.name);
    }
    return true;
  }

 private:
  ListFeed& feed_;
  const Clock& clock_;
  const auth::Caller caller_;
  const ConsultQuery query_;
  const std::unique_ptr<ListWatch::Seat> seat_;
  std::optional<ListChange> paused_at_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ListWatch::Seat>> ListWatch::Sit(const std::string& subject) {
  MutexLock lock(mutex_);
  int& taken = seats_[subject];
  if (taken >= kMostListsOfOne) return rpc::TooManyStreams();
  ++taken;
  return std::make_unique<Seat>(*this, subject);
}

void ListWatch::Leave(const std::string& subject) {
  MutexLock lock(mutex_);
  const auto taken = seats_.find(subject);
  if (--taken->second == 0) seats_.erase(taken);
}

void ListWatch::Refresh() {
  {
    MutexLock lock(mutex_);
    if (seats_.empty()) return;
  }
  // Those who follow ask the store themselves then, and are told of its failure.
  if (const absl::Status status = feed_.Refresh(); !status.ok()) {
    Log(LogLevel::kWarning, "list_feed_not_read", {{"reason", ReasonOf(status)}});
  }
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> ListWatch::WatchConsults(const rpc::CallContext& context,
                                                                            const v1::WatchConsultsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(ConsultQuery query, ListOf(context.caller(), request));
  LUMBAR_ASSIGN_OR_RETURN(std::unique_ptr<Seat> seat, Sit(context.caller().subject));
  if (!feed_.IsFresh()) LUMBAR_RETURN_IF_ERROR(feed_.Refresh());
  std::string binding = BindingOfList(query);
  return rpc::ChangeStream<ListChange, v1::WatchConsultsResponse>::Open(
      std::make_unique<ChangesOfList>(feed_, clock_, context.caller(), std::move(query), std::move(seat)), clock_,
      std::move(binding), request.resume_token());
}

}  // namespace lumbar::gateway
