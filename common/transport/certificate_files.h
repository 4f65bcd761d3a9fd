// A certificate and its key that follow their files, so that they are renewed without a restart.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "common/transport/tls_context.h"

namespace prometheus {
class Counter;
class Gauge;
class Registry;
}  // namespace prometheus

namespace lumbar::transport {

// Where the two are, in PEM; see ParseKeyPair.
struct CertificatePaths {
  std::string certificate;
  std::string key;
};

class CertificateFiles {
 public:
  // Reads both; `clock` outlives the result. Fails with TLS_FILE_UNREADABLE, or as ParseKeyPair does.
  // Metrics: lumbar_tls_certificate_expiry_seconds and lumbar_tls_reload_failures_total.
  static absl::StatusOr<std::unique_ptr<CertificateFiles>> Open(CertificatePaths paths, prometheus::Registry& registry,
                                                                const Clock& clock);

  // The last good pair's, never null. Thread safe.
  TlsContext Current() const;

  // Looks at the files, by one thread at a time. A pair that is refused leaves the last good one as it is: each look
  // that finds one counts as a failure, and the first also logs a warning.
  void Refresh();

 private:
  struct Version;

  CertificateFiles(CertificatePaths paths, prometheus::Registry& registry, const Clock& clock);
  absl::StatusOr<Version> Load(const std::string& certificates, const std::string& key) const;
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
  TlsContext context_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::transport
