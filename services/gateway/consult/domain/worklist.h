// Who looks after which consult, how urgent each is, and which of them a list has.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>

#include "common/auth/caller.h"
#include "services/gateway/consult/domain/consult_store.h"
#include "services/gateway/consult/domain/list_changes.h"

namespace lumbar::gateway {

// Whoever took it on, or else the clinician of the chosen time; empty: nobody.
const std::string& WorkerOf(const consult::v1::Consult& consult);

// Its visit is over, or the patient missed it.
bool HadVisit(const consult::v1::Consult& consult);

// Nobody has anything to do any more: its visit was, it was called off or expired, or the patient was sent to an
// emergency room.
bool IsOver(const consult::v1::Consult& consult);

// Until when the patient must be seen. If nothing is known of the danger: when it was asked for, so that it comes
// before all others. InfiniteFuture: there is no such time.
absl::Time UrgentBy(const consult::v1::Consult& consult);

// What was never moved on changed last when it was asked for.
absl::Time LastChangeOf(const consult::v1::Consult& consult);

ListedFacts FactsOf(const consult::v1::Consult& consult);

// Whether such a list has a consult of `patient` of which these things are so.
bool IsListed(const ConsultQuery& query, const std::string& patient, const ListedFacts& facts);

// The list that `caller` gets who asks for `request`. PERMISSION_DENIED/NOT_YOURS, INVALID_ARGUMENT/INVALID_FIELD.
absl::StatusOr<ConsultQuery> QueryFor(const auth::Caller& caller, const consult::v1::ListConsultsRequest& request);

}  // namespace lumbar::gateway
