// The commands of `lumbar db`, which open databases themselves and talk to no server.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "tools/cli/session.h"

namespace lumbar::cli {

struct DbFlags {
  // One of StoredServices.
  std::string service;
  std::string database;
  std::string from;
  std::string to;
};

absl::StatusOr<ExitCode> ShowDatabase(const DbFlags& flags, const Session& session);
absl::StatusOr<ExitCode> MigrateDatabase(const DbFlags& flags, const Session& session);
absl::StatusOr<ExitCode> CopyDatabases(const DbFlags& flags, const Session& session);

}  // namespace lumbar::cli
