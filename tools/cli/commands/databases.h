// The services that have a database, and what each database must have.
#pragma once

#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "common/store/migrations.h"

namespace lumbar::cli {

// "booking", "content", ...
std::vector<std::string> StoredServices();

// Of one of StoredServices.
std::vector<store::Migrations> MigrationsOf(absl::string_view service);

}  // namespace lumbar::cli
