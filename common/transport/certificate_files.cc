#include "common/transport/certificate_files.h"

#include <absl/strings/str_cat.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "common/digest/sha256.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/transport/errors.h"

namespace lumbar::transport {
namespace {

constexpr off_t kMostFileBytes = 256 * 1024;

absl::StatusOr<std::string> Contents(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > kMostFileBytes) {
    return TlsFileUnreadable(path);
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return TlsFileUnreadable(path);
  return text;
}

// Tells one content of both files from another; keys aren't kept for it.
std::string DigestOf(const std::string& certificates, const std::string& key) {
  return Sha256(absl::StrCat(Sha256(certificates), Sha256(key)));
}

}  // namespace

struct CertificateFiles::Version {
  std::string digest;
  TlsContext context;
  absl::Time expires;
};

CertificateFiles::CertificateFiles(CertificatePaths paths, prometheus::Registry& registry, const Clock& clock)
    : paths_(std::move(paths)),
      clock_(clock),
      failures_(
          prometheus::BuildCounter()
              .Name("lumbar_tls_reload_failures_total")
              .Help("Looks at the certificate's files that found no pair to serve; the last good one is served on.")
              .Register(registry)
              .Add({})),
      expiry_(prometheus::BuildGauge()
                  .Name("lumbar_tls_certificate_expiry_seconds")
                  .Help("When the certificate that is served expires, in Unix time.")
                  .Register(registry)
                  .Add({})) {}

absl::StatusOr<std::unique_ptr<CertificateFiles>> CertificateFiles::Open(CertificatePaths paths,
                                                                         prometheus::Registry& registry,
                                                                         const Clock& clock) {
  std::unique_ptr<CertificateFiles> files(new CertificateFiles(std::move(paths), registry, clock));
  LUMBAR_ASSIGN_OR_RETURN(const std::string certificates, Contents(files->paths_.certificate));
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, Contents(files->paths_.key));
  LUMBAR_ASSIGN_OR_RETURN(Version version, files->Load(certificates, key));
  files->Serve(std::move(version));
  return files;
}

TlsContext CertificateFiles::Current() const {
  const MutexLock lock(mutex_);
  return context_;
}

absl::StatusOr<CertificateFiles::Version> CertificateFiles::Load(const std::string& certificates,
                                                                 const std::string& key) const {
  LUMBAR_ASSIGN_OR_RETURN(const KeyPair pair, ParseKeyPair(certificates, key, clock_.Now()));
  LUMBAR_ASSIGN_OR_RETURN(TlsContext context, MakeServerContext(pair));
  return Version{DigestOf(certificates, key), std::move(context), pair.expires};
}

void CertificateFiles::Serve(Version version) {
  served_ = std::move(version.digest);
  reported_.clear();
  expiry_.Set(static_cast<double>(absl::ToUnixSeconds(version.expires)));
  const MutexLock lock(mutex_);
  context_ = std::move(version.context);
}

// By content and not by time of change: whoever replaces both files does it one after the other, and some keep the
// time.
void CertificateFiles::Refresh() {
  const auto certificates = Contents(paths_.certificate);
  if (!certificates.ok()) return Report(certificates.status(), "");
  const auto key = Contents(paths_.key);
  if (!key.ok()) return Report(key.status(), "");
  const std::string digest = DigestOf(*certificates, *key);
  if (digest == served_) return reported_.clear();
  auto version = Load(*certificates, *key);
  if (!version.ok()) return Report(version.status(), digest);
  Log(LogLevel::kInfo, "certificate_reloaded", {{"expires", absl::FormatTime(version->expires, absl::UTCTimeZone())}});
  Serve(*std::move(version));
}

void CertificateFiles::Report(const absl::Status& failure, const std::string& digest) {
  failures_.Increment();
  const std::string reason = ReasonOf(failure);
  std::string report = absl::StrCat(reason, digest);
  if (report == reported_) return;
  reported_ = std::move(report);
  Log(LogLevel::kWarning, "certificate_not_reloaded", {{"path", paths_.certificate}, {"reason", reason}});
}

}  // namespace lumbar::transport
