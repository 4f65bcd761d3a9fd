#include "tools/cli/commands/databases.h"

#include <array>
#include <utility>

#include "common/store/idempotency.h"
#include "services/booking/store/migrations.h"
#include "services/content/store/migrations.h"
#include "services/gateway/consult/store/sql_consult_store.h"
#include "services/notification/store/migrations.h"

namespace lumbar::cli {
namespace {

using Make = std::vector<store::Migrations> (*)();

// A new service with a database is one line here.
constexpr std::array<std::pair<absl::string_view, Make>, 4> kServices = {{
    {"booking", [] { return booking::BookingMigrations(); }},
    {"content", [] { return content::ContentMigrations(); }},
    {"gateway",
     [] {
       return std::vector{store::IdempotencyMigrations(), gateway::ConsultMigrations()};
     }},
    {"notification", [] { return notification::NotificationMigrations(); }},
}};

}  // namespace

std::vector<std::string> StoredServices() {
  std::vector<std::string> names;
  for (const auto& [name, make] : kServices) names.emplace_back(name);
  return names;
}

std::vector<store::Migrations> MigrationsOf(absl::string_view service) {
  for (const auto& [name, make] : kServices) {
    if (name == service) return make();
  }
  return {};
}

}  // namespace lumbar::cli
