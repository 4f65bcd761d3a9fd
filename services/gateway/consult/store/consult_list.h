// A page of consults, by age or by urgency.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "common/store/database.h"
#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// As ConsultStore::List. `now` divides those to whom nobody answered in time from the others, on all pages of a list
// whose first is read now. INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
absl::StatusOr<consult::v1::ListConsultsResponse> ListConsults(store::Database& database, const ConsultQuery& query,
                                                               absl::Time now);

// The statements that such a list is read with, for whoever wants to know how the engine goes about them.
std::vector<std::string> ListStatements(const ConsultQuery& query);

}  // namespace lumbar::gateway
