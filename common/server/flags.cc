#include "common/server/flags.h"

#include <CLI/CLI.hpp>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

namespace lumbar::server {
namespace {

// --ports-file can also be given as LUMBAR_PORTS_FILE.
std::string VariableOf(const std::string& flag) {
  return absl::StrCat("LUMBAR_", absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

template <typename T>
CLI::Option* Add(CLI::App& app, const std::string& flag, T& value, const std::string& meaning) {
  return app.add_option("--" + flag, value, meaning)->envname(VariableOf(flag))->capture_default_str();
}

}  // namespace

void AddFlags(CLI::App& app, Flags& flags) {
  const CLI::Range ports(0, 65535);
  Add(app, "host", flags.host, "address to listen on");
  Add(app, "port", flags.port, "gRPC port, internal callers only; 0: any")->check(ports);
  Add(app, "ops-port", flags.ops_port, "plaintext grpc health port; 0: any")->check(ports);
  Add(app, "metrics-port", flags.metrics_port, "HTTP port of /metrics; 0: any")->check(ports);
  Add(app, "ports-file", flags.ports_file, "write the ports taken here, once ready");
  Add(app, "jwks-file", flags.jwks_file, "public keys of the token issuer (JWKS)")->required();
  Add(app, "token-issuer", flags.token_issuer, "the iss that tokens must have");
  Add(app, "token-audience", flags.token_audience, "the aud that tokens must have");
  Add(app, "service-key-file", flags.service_key_file, "private key for calls to other services (PEM)");
  Add(app, "service-key-id", flags.service_key_id, "its kid in the JWKS");
  Add(app, "audit-file", flags.audit_file, "audit log, appended to");
  Add(app, "log-level", flags.log_level, "debug, info, warning or error");
  Add(app, "threads", flags.threads, "threads for blocking work")->check(CLI::Range(1, 1024));
  Add(app, "queue", flags.queue, "calls that may wait for a thread")->check(CLI::Range(0, 100'000));
  Add(app, "loops", flags.loops, "network loops; 0: one a core, two at most")->check(CLI::Range(0, 64));
  Add(app, "drain-wait", flags.drain_wait_seconds, "seconds to go on serving after SIGTERM")->check(CLI::Range(0, 300));
  Add(app, "drain-timeout", flags.drain_timeout_seconds, "seconds that running calls may take then")
      ->check(CLI::Range(0, 300));
}

}  // namespace lumbar::server
