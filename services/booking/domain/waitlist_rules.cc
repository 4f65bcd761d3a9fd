#include "services/booking/domain/waitlist_rules.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/slot_query.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

void Stamp(v1::WaitlistEntry& entry, absl::Time now) {
  entry.set_version(entry.version() + 1);
  entry.set_etag(absl::StrCat("v", entry.version()));
  *entry.mutable_update_time() = ToProtoTime(now);
}

// The offer goes to the next; the patient isn't asked about that time again.
void PassOffer(v1::WaitlistEntry& entry) {
  *entry.add_passed_slots() = entry.offer().slot();
  if (entry.passed_slots_size() > kPassedRemembered) entry.mutable_passed_slots()->erase(entry.passed_slots().begin());
  entry.clear_offer();
  entry.set_state(v1::WAITLIST_STATE_WAITING);
}

absl::Time ActBy(const v1::WaitlistEntry& entry) {
  return entry.has_act_by_time() ? FromProto(entry.act_by_time()) : absl::InfiniteFuture();
}

bool WasPassed(const v1::WaitlistEntry& entry, absl::string_view clinician, absl::Time start) {
  const auto& passed = entry.passed_slots();
  return std::any_of(passed.begin(), passed.end(), [&](const v1::Slot& slot) {
    return slot.clinician() == clinician && FromProto(slot.start_time()) == start;
  });
}

bool Wants(const v1::WaitlistEntry& entry, const v1::Clinician& clinician, absl::Time start) {
  const auto& wanted = entry.clinicians();
  if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), clinician.name()) == wanted.end()) return false;
  return Speaks(clinician, entry.language_code()) && FromProto(entry.earliest_time()) <= start &&
         start <= FromProto(entry.latest_time()) && !WasPassed(entry, clinician.name(), start);
}

// The entry with a standing offer at `now`, or why there is none.
absl::StatusOr<v1::WaitlistEntry> Answerable(const v1::WaitlistEntry& entry, absl::string_view etag, absl::Time now) {
  if (!IsLive(entry)) return NotWaiting();
  if (entry.state() != v1::WAITLIST_STATE_OFFERED) return NoOffer();
  if (FromProto(entry.offer().expire_time()) <= now) return OfferExpired();
  if (!etag.empty() && etag != entry.etag()) return EtagMismatch();
  return entry;
}

}  // namespace

Turn TurnOf(const v1::WaitlistEntry& entry) {
  return {-static_cast<int64_t>(entry.level()), ActBy(entry), FromProto(entry.create_time()), entry.name()};
}

bool IsLive(const v1::WaitlistEntry& entry) {
  return entry.state() == v1::WAITLIST_STATE_WAITING || entry.state() == v1::WAITLIST_STATE_OFFERED;
}

v1::WaitlistEntry AsOf(v1::WaitlistEntry entry, absl::Time now) {
  const int64_t version = entry.version();
  if (entry.state() == v1::WAITLIST_STATE_OFFERED && FromProto(entry.offer().expire_time()) <= now) {
    PassOffer(entry);
    entry.set_unanswered_offers(entry.unanswered_offers() + 1);
    if (entry.unanswered_offers() >= kMostUnanswered) entry.set_state(v1::WAITLIST_STATE_EXPIRED);
    Stamp(entry, now);
  }
  if (entry.state() == v1::WAITLIST_STATE_WAITING && FromProto(entry.latest_time()) < now + kLeastNotice) {
    entry.set_state(v1::WAITLIST_STATE_EXPIRED);
    if (entry.version() == version) Stamp(entry, now);
  }
  return entry;
}

std::optional<Offer> OfferFor(const v1::WaitlistEntry& entry, const v1::Clinician& clinician, absl::Time start,
                              absl::Time now) {
  if (start < now + kLeastNotice || !Wants(entry, clinician, start)) return std::nullopt;
  const PatientScope patient{entry.contact().state(), entry.contact().age_years()};
  absl::StatusOr<Offer> offer = FindOffer(clinician, entry.visit_type(), patient, start);
  if (!offer.ok() || !CheckWhen(*offer, now, ActBy(entry)).ok()) return std::nullopt;
  return *std::move(offer);
}

absl::Duration OfferLifetime(const v1::WaitlistEntry& entry, absl::Time start, absl::Time now) {
  const bool urgent = entry.level() == triage::v1::LEVEL_CONSULTATION_24;
  return std::min(urgent ? kUrgentOfferLifetime : kOfferLifetime, (start - now) / 2);
}

v1::WaitlistEntry Offered(v1::WaitlistEntry entry, const v1::Hold& hold, absl::Time now) {
  v1::WaitlistOffer& offer = *entry.mutable_offer();
  *offer.mutable_slot() = hold.slot();
  *offer.mutable_expire_time() = hold.expire_time();
  offer.set_hold(hold.name());
  entry.set_state(v1::WAITLIST_STATE_OFFERED);
  Stamp(entry, now);
  return entry;
}

absl::StatusOr<v1::WaitlistEntry> Accepted(const v1::WaitlistEntry& entry, absl::string_view etag, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::WaitlistEntry after, Answerable(entry, etag, now));
  after.set_state(v1::WAITLIST_STATE_ACCEPTED);
  Stamp(after, now);
  return after;
}

absl::StatusOr<v1::WaitlistEntry> Declined(const v1::WaitlistEntry& entry, absl::string_view etag, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::WaitlistEntry after, Answerable(entry, etag, now));
  PassOffer(after);
  after.set_unanswered_offers(0);
  Stamp(after, now);
  return after;
}

absl::StatusOr<v1::WaitlistEntry> Left(const v1::WaitlistEntry& entry, absl::string_view etag, absl::Time now) {
  if (entry.state() == v1::WAITLIST_STATE_LEFT) return entry;
  v1::WaitlistEntry after = AsOf(entry, now);
  if (!etag.empty() && etag != entry.etag() && etag != after.etag()) return EtagMismatch();
  if (!IsLive(after)) return NotWaiting();
  after.clear_offer();
  after.set_state(v1::WAITLIST_STATE_LEFT);
  if (after.version() == entry.version()) Stamp(after, now);
  return after;
}

}  // namespace lumbar::booking
