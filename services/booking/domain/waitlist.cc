#include "services/booking/domain/waitlist.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/domain/admission.h"
#include "services/booking/domain/scheduler.h"
#include "services/booking/domain/slot_search.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

constexpr absl::Duration kUsualWait = absl::Hours(24 * 14);
constexpr absl::Duration kLongestWait = absl::Hours(24 * 31);

// The begins that are wanted, both ends included: no later than `act_by` and than anything is booked.
absl::StatusOr<Interval> WindowOf(const v1::JoinWaitlistRequest& request, absl::Time act_by, absl::Time now) {
  const absl::Time first = request.has_earliest_time() ? std::max(now, FromProto(request.earliest_time())) : now;
  const absl::Time last = request.has_latest_time() ? FromProto(request.latest_time()) : first + kUsualWait;
  if (last < now + kLeastNotice) return InvalidField("latest_time", "must be at least 20 minutes ahead");
  if (last < first) return InvalidField("latest_time", "must not be before earliest_time");
  if (last - first > kLongestWait) return InvalidField("latest_time", "must be at most 31 days after earliest_time");
  if (first > now + kLongestHorizon) return InvalidField("earliest_time", "must be at most 365 days ahead");
  if (std::max(first, now + kLeastNotice) > act_by) return AfterActBy();
  return Interval{first, std::min(last, act_by)};
}

std::string TokenAfter(const v1::WaitlistEntry& last, const v1::ListWaitlistEntriesRequest& request) {
  const int64_t micros = absl::ToUnixMicros(FromProto(last.create_time()));
  return store::EncodePageToken(absl::StrCat(micros, " ", last.name()), request.patient());
}

absl::StatusOr<std::optional<WaitlistQuery::Position>> PositionOf(const v1::ListWaitlistEntriesRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), request.patient()));
  if (key.empty()) return std::nullopt;
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits(' ', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) return store::InvalidPageToken();
  return WaitlistQuery::Position{absl::FromUnixMicros(micros), parts.second};
}

}  // namespace

absl::StatusOr<v1::WaitlistEntry> Waitlist::Plan(const v1::JoinWaitlistRequest& request) {
  if (request.signed_assessment().empty()) return AssessmentRequired();
  LUMBAR_ASSIGN_OR_RETURN(const Admission admission,
                          AdmitAssessed(request.signed_assessment(), request.patient(), verifier_));
  if (!IsKnownZone(request.contact().time_zone())) {
    return InvalidField("contact.time_zone", "must be an IANA zone such as America/New_York");
  }
  LUMBAR_ASSIGN_OR_RETURN(const Interval window, WindowOf(request, admission.act_by, clock_.Now()));
  for (const std::string& clinician : request.clinicians()) {
    LUMBAR_RETURN_IF_ERROR(clinicians_.Get(clinician).status());
  }
  v1::WaitlistEntry entry;
  entry.set_patient(request.patient());
  *entry.mutable_contact() = request.contact();
  entry.set_visit_type(request.visit_type());
  *entry.mutable_clinicians() = request.clinicians();
  entry.set_language_code(request.language_code());
  *entry.mutable_earliest_time() = ToProtoTime(window.start);
  *entry.mutable_latest_time() = ToProtoTime(window.end);
  entry.set_level(admission.level);
  if (admission.act_by != absl::InfiniteFuture()) *entry.mutable_act_by_time() = ToProtoTime(admission.act_by);
  return entry;
}

absl::StatusOr<v1::WaitlistEntry> Waitlist::Find(const rpc::CallContext& context, absl::string_view name) {
  LUMBAR_ASSIGN_OR_RETURN(v1::WaitlistEntry entry, places_.Get(name));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(entry.patient()));
  return entry;
}

absl::StatusOr<v1::JoinWaitlistResponse> Waitlist::JoinWaitlist(const rpc::CallContext& context,
                                                                const v1::JoinWaitlistRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(v1::JoinWaitlistResponse response, places_.Join(context.mutation(), Plan(request)));
  on_change_();
  return response;
}

absl::StatusOr<v1::GetWaitlistEntryResponse> Waitlist::GetWaitlistEntry(const rpc::CallContext& context,
                                                                        const v1::GetWaitlistEntryRequest& request) {
  v1::GetWaitlistEntryResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_entry(), Find(context, request.name()));
  return response;
}

absl::StatusOr<v1::ListWaitlistEntriesResponse> Waitlist::ListWaitlistEntries(
    const rpc::CallContext&, const v1::ListWaitlistEntriesRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  WaitlistQuery query{request.patient(), std::nullopt, page_size + 1};
  LUMBAR_ASSIGN_OR_RETURN(query.after, PositionOf(request));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::WaitlistEntry> found, places_.List(query));

  v1::ListWaitlistEntriesResponse response;
  const bool more = static_cast<int>(found.size()) > page_size;
  if (more) found.pop_back();
  if (more) response.set_next_page_token(TokenAfter(found.back(), request));
  for (v1::WaitlistEntry& entry : found) *response.add_entries() = std::move(entry);
  return response;
}

absl::StatusOr<v1::LeaveWaitlistResponse> Waitlist::LeaveWaitlist(const rpc::CallContext& context,
                                                                  const v1::LeaveWaitlistRequest& request) {
  LUMBAR_RETURN_IF_ERROR(Find(context, request.name()).status());
  LUMBAR_ASSIGN_OR_RETURN(v1::LeaveWaitlistResponse response,
                          places_.Leave(context.mutation(), request.name(), request.etag()));
  on_change_();
  return response;
}

absl::StatusOr<v1::AcceptOfferResponse> Waitlist::AcceptOffer(const rpc::CallContext& context,
                                                              const v1::AcceptOfferRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry entry, Find(context, request.name()));
  return places_.Accept(context.mutation(), request.name(), request.etag(),
                        HoldLifetime(entry.level(), hold_lifetime_));
}

absl::StatusOr<v1::DeclineOfferResponse> Waitlist::DeclineOffer(const rpc::CallContext& context,
                                                                const v1::DeclineOfferRequest& request) {
  LUMBAR_RETURN_IF_ERROR(Find(context, request.name()).status());
  LUMBAR_ASSIGN_OR_RETURN(v1::DeclineOfferResponse response,
                          places_.Decline(context.mutation(), request.name(), request.etag()));
  on_change_();
  return response;
}

}  // namespace lumbar::booking
