#include "common/server/flags.h"

#include "common/server/command_line.h"

namespace lumbar::server {

void AddFlags(CommandLine& line, Flags& flags) {
  constexpr int kLastPort = 65535;
  line.Text("host", flags.host, "address to listen on");
  line.Number("port", flags.port, 0, kLastPort, "gRPC port, internal callers only; 0: any");
  line.Number("ops-port", flags.ops_port, 0, kLastPort, "plaintext grpc health port; 0: any");
  line.Number("metrics-port", flags.metrics_port, 0, kLastPort, "HTTP port of /metrics; 0: any");
  line.Text("ports-file", flags.ports_file, "write the ports taken here, once ready");
  line.Text("internal-tls-certificate", flags.internal_tls_certificate,
            "certificate of this process for TLS with the others, with those that signed it (PEM), followed when it "
            "changes; empty: no TLS between them");
  line.Text("internal-tls-key", flags.internal_tls_key, "its private key (PEM, without a password)");
  line.Text("internal-tls-ca", flags.internal_tls_ca, "authorities that sign the certificates of the others (PEM)");
  line.Text("internal-tls-callers", flags.internal_tls_callers,
            "DNS names in the certificates of those who may call the gRPC port, like gateway,booking; empty: all whom "
            "the authorities know");
  line.Text("jwks-file", flags.jwks_file, "public keys of the token issuer (JWKS)");
  line.Text("jwks-url", flags.jwks_url, "or where they are: https://, or http:// to 127.0.0.1");
  line.Text("jwks-ca-file", flags.jwks_ca_file, "authorities for jwks-url, in PEM; empty: the system's");
  line.Seconds("jwks-refresh", flags.jwks_refresh_seconds, 3600,
               "seconds after which jwks-url is asked again, or sooner if it says so");
  line.Text("token-issuer", flags.token_issuer, "the iss that tokens must have");
  line.Text("token-audience", flags.token_audience, "the aud that tokens must have");
  line.Text("service-key-file", flags.service_key_file, "private key for calls to other services (PEM)");
  line.Text("service-key-id", flags.service_key_id, "its kid in the JWKS");
  line.Text("audit-file", flags.audit_file, "audit log, appended to");
  line.Text("log-level", flags.log_level, "debug, info, warning or error");
  line.Number("threads", flags.threads, 1, 1024, "threads for blocking work");
  line.Number("queue", flags.queue, 0, 100'000, "calls that may wait for a thread");
  line.Number("loops", flags.loops, 0, 64, "network loops; 0: one a core, two at most");
  line.Seconds("drain-wait", flags.drain_wait_seconds, 300, "seconds to go on serving after SIGTERM");
  line.Seconds("drain-timeout", flags.drain_timeout_seconds, 300, "seconds that running calls may take then");
}

}  // namespace lumbar::server
