#include "services/gateway/consult/domain/offers.h"

#include <absl/container/btree_map.h>

#include <string>

namespace lumbar::gateway {

void MakeOffers(const booking::v1::SearchSlotsResponse& found, consult::v1::Consult& consult) {
  consult.clear_offers();
  consult.clear_routing_notes();
  absl::btree_map<std::string, int> offered;
  for (const auto& slot : found.slots()) {
    int& of_clinician = offered[slot.clinician()];
    if (consult.offers_size() >= kMaxOffers || of_clinician >= kMaxOffersPerClinician) continue;
    ++of_clinician;
    *consult.add_offers() = slot;
  }
  for (const auto& [clinician, count] : offered) {
    auto* note = consult.add_routing_notes();
    note->set_clinician(clinician);
    note->set_reason(count > 0 ? "OFFERED" : "LATER_THAN_THE_OFFERS");
  }
}

}  // namespace lumbar::gateway
