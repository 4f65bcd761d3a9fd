#include "services/booking/domain/watch.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// Keys read at once, and keys that wait to be sent.
constexpr int kPage = 200;

// Everything in the request that decides which changes the stream has.
std::string QueryOf(v1::WatchAppointmentsRequest request) {
  request.clear_resume_token();
  return request.SerializeAsString();
}

// Commits come in another order than times. So each reading begins again kChangesSettle before the latest time seen,
// and leaves out what was sent: nothing is missed, and what is remembered is what changed within that time, however
// slow the reader. For the same reason a token is a time, and a resume begins so much before it.
class Changes final : public rpc::StreamSource {
 public:
  Changes(ChangeLog& log, const Clock& clock, ChangeQuery query, std::string binding, absl::Time from)
      : log_(log), clock_(clock), query_(std::move(query)), binding_(std::move(binding)), seen_until_(from) {}

  // What is in the log now isn't to be sent.
  absl::Status SkipPresent() {
    LUMBAR_RETURN_IF_ERROR(ReadOn());
    while (!waiting_.empty()) {
      sent_.insert(waiting_.begin(), waiting_.end());
      waiting_.clear();
      LUMBAR_RETURN_IF_ERROR(ReadOn());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(google::protobuf::Message& message) override {
    auto& response = static_cast<v1::WatchAppointmentsResponse&>(message);
    response.Clear();
    if (waiting_.empty()) LUMBAR_RETURN_IF_ERROR(ReadOn());
    while (!waiting_.empty()) {
      const ChangeKey key = std::move(waiting_.front());
      waiting_.pop_front();
      LUMBAR_ASSIGN_OR_RETURN(auto event, log_.Read(key));
      sent_.insert(key);
      seen_until_ = std::max(seen_until_, key.time);
      if (!event) continue;
      *response.mutable_event() = *std::move(event);
      return Said(response);
    }
    if (clock_.Now() - said_ < kHeartbeat) return false;
    return Said(response);
  }

 private:
  bool Said(v1::WatchAppointmentsResponse& response) {
    said_ = clock_.Now();
    response.set_resume_token(store::EncodePageToken(absl::StrCat(absl::ToUnixMicros(seen_until_)), binding_));
    return true;
  }

  // Fills `waiting_` with the next that weren't sent, in order; leaves it empty if there are none.
  absl::Status ReadOn() {
    const absl::Time now = clock_.Now();
    if (seen_until_ < now - kChangesKept) return ResumeTokenTooOld();
    ChangeKey position{seen_until_ - kChangesSettle, "", 0};
    sent_.erase(sent_.begin(), sent_.lower_bound(position));
    while (waiting_.empty()) {
      LUMBAR_ASSIGN_OR_RETURN(const std::vector<ChangeKey> page, log_.Keys(query_, position, kPage));
      for (const ChangeKey& key : page) {
        if (sent_.count(key) == 0) waiting_.push_back(key);
      }
      if (page.size() < kPage) break;
      position = page.back();
    }
    // Whatever isn't there yet is younger than `now - kChangesSettle`.
    if (waiting_.empty()) seen_until_ = std::max(seen_until_, now);
    return absl::OkStatus();
  }

  ChangeLog& log_;
  const Clock& clock_;
  const ChangeQuery query_;
  const std::string binding_;
  absl::Time seen_until_;
  // Those that were sent and would be read again.
  std::set<ChangeKey> sent_;
  std::deque<ChangeKey> waiting_;
  absl::Time said_ = absl::InfinitePast();
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch::WatchAppointments(
    const rpc::CallContext& context, const v1::WatchAppointmentsRequest& request) {
  v1::WatchAppointmentsRequest wanted = request;
  if (context.caller().role == options::v1::ROLE_CLINICIAN) {
    if (wanted.clinician().empty()) wanted.set_clinician(context.caller().subject);
    if (wanted.clinician() != context.caller().subject) return NotYourVisit();
  }
  const std::string binding = QueryOf(wanted);
  LUMBAR_ASSIGN_OR_RETURN(const std::string token, store::DecodePageToken(wanted.resume_token(), binding));
  ChangeQuery query{wanted.clinician(), {}};
  for (const int state : wanted.states()) query.states.push_back(static_cast<v1::AppointmentState>(state));

  int64_t micros = absl::ToUnixMicros(clock_.Now());
  if (!token.empty() && !absl::SimpleAtoi(token, &micros)) return store::InvalidPageToken();
  auto changes = std::make_unique<Changes>(log_, clock_, std::move(query), binding, absl::FromUnixMicros(micros));
  if (token.empty()) LUMBAR_RETURN_IF_ERROR(changes->SkipPresent());
  return changes;
}

}  // namespace lumbar::booking
