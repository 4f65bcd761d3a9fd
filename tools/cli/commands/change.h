// Calls that change something.
#pragma once

#include <CLI/CLI.hpp>

#include <ostream>
#include <string>

#include "common/store/resource_name.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"

namespace lumbar::cli {

// Posts a change. If nobody can tell whether it took place, says how to ask again without doing it twice.
template <typename Request>
absl::Status Change(const Session& session, const std::string& route, Request& request,
                    google::protobuf::Message& answer) {
  if (request.request_id().empty()) request.set_request_id(store::NewUuid());
  absl::Status done = Post(session, route, request, answer);
  if (ExitCodeOf(done) == ExitCode::kServerFailed) {
    session.world.err << "lumbar: to try again without doing it twice, add --request-id " << request.request_id()
                      << "\n";
  }
  return done;
}

inline void AddRequestId(CLI::App& command, std::string& request_id) {
  command.add_option("--request-id", request_id, "the same id gives the same answer; a new one if left out")
      ->check(Uuid());
}

}  // namespace lumbar::cli
