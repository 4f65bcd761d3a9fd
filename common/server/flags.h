// The flags that every service has.
#pragma once

#include <string>

namespace lumbar::server {

class CommandLine;

struct Flags {
  // Of the service, e.g. "booking"; not a flag.
  std::string service;
  // Address to listen on. The gRPC port is for internal callers only.
  std::string host = "127.0.0.1";
  // 0 takes any free port; so do the next two.
  int port = 0;
  // Plaintext grpc.health.v1, for probes.
  int ops_port = 0;
  // Prometheus metrics over HTTP.
  int metrics_port = 0;
  // Where to write the ports taken, as JSON, once the service is served; empty: nowhere.
  std::string ports_file;
  // Public keys of the token issuer: a file or a URL, either of them.
  std::string jwks_file;
  std::string jwks_url;
  // Authorities for https:// in jwks_url, in PEM; empty: the system's.
  std::string jwks_ca_file;
  double jwks_refresh_seconds = 300;
  std::string token_issuer = "lumbar-dev";
  std::string token_audience = "lumbar";
  // TLS between the processes, on the gRPC port and in calls to others: this process's certificate and key, whose
  // certificates peers must have, and the names of those who may call, with commas (empty: all of them). All empty:
  // none.
  std::string internal_tls_certificate;
  std::string internal_tls_key;
  std::string internal_tls_ca;
  std::string internal_tls_callers;
  // Private key for the tokens that this service shows to others, and its id; empty: it calls nobody.
  std::string service_key_file;
  std::string service_key_id = "services";
  std::string audit_file = "audit.log";
  std::string log_level = "info";
  // Blocking work: threads, and calls that may wait for one before more are shed.
  int threads = 16;
  int queue = 256;
  // Network loops; 0: one a core, two at most. A turn of one loop answers more calls with fewer system calls than turns
  // of two do, and one is enough for 25,000 calls a second.
  int loops = 1;
  // After SIGTERM: how long to go on serving while load balancers notice, in seconds.
  double drain_wait_seconds = 0;
  // Then how long running calls may take, in seconds.
  double drain_timeout_seconds = 20;
};

// The values that `flags` has are the defaults.
void AddFlags(CommandLine& line, Flags& flags);

}  // namespace lumbar::server
