// A certificate and its key that follow their files, so that they are renewed without a restart.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "common/transport/tls_context.h"

namespace prometheus {
class Counter;
class Gauge;
class Registry;
}  // namespace prometheus

namespace lumbar::transport {

// Where they are, in PEM; see ParseKeyPair.
struct CertificatePaths {
  std::string certificate;
  std::string key;
  // Those who sign the certificates of this process's peers. Empty: peers aren't asked for one, as on a public port.
  std::string authorities = {};
  // The DNS names of those who may call; none: all whom the authorities know.
  std::vector<std::string> callers = {};
};

// What TLS is spoken with: one content of the files.
struct Credentials {
  TlsContext server;
  // Null without authorities; so is what follows, the files' text for those who make contexts of their own.
  TlsContext client = {};
  std::string certificate = {};
  std::string key = {};
  std::string authorities = {};
};

class CertificateFiles {
 public:
  // Reads them; `clock` outlives the result. Fails with TLS_FILE_UNREADABLE, or as ParseKeyPair, ParseAuthorities and
  // CheckTrusted do. Metrics, whose `port` is "public", or "internal" if there are authorities:
  // lumbar_tls_certificate_expiry_seconds and lumbar_tls_reload_failures_total.
  static absl::StatusOr<std::unique_ptr<CertificateFiles>> Open(CertificatePaths paths, prometheus::Registry& registry,
                                                                const Clock& clock);

  // Of the last good files, never null: another one after each change. Thread safe.
  std::shared_ptr<const Credentials> Latest() const;
  // Its server's context.
  TlsContext Current() const { return Latest()->server; }

  // Looks at the files, by one thread at a time. What is refused leaves the last good ones as they are: each look that
  // finds such counts as a failure, and the first also logs a warning.
  void Refresh();

 private:
  struct Files;
  struct Version;

  CertificateFiles(CertificatePaths paths, prometheus::Registry& registry, const Clock& clock);
  absl::StatusOr<Files> Read() const;
  absl::StatusOr<Version> Load(Files files, std::string digest) const;
  absl::Status AddAuthorities(const KeyPair& pair, Files files, Credentials& made) const;
  void Serve(Version version);
  void Report(const absl::Status& failure, const std::string& digest);

  const CertificatePaths paths_;
  const Clock& clock_;
  prometheus::Counter& failures_;
  prometheus::Gauge& expiry_;
  // Of the files as they are served, and what was warned of last.
  std::string served_;
  std::string reported_;
  mutable Mutex mutex_;
  std::shared_ptr<const Credentials> latest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::transport
