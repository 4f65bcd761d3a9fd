#include "common/transport/certificate_files.h"

#include <absl/strings/str_cat.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "common/digest/sha256.h"
#include "common/file/read_file.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/transport/authorities.h"
#include "common/transport/errors.h"

namespace lumbar::transport {
namespace {

constexpr size_t kMostFileBytes = 256 * 1024;

absl::StatusOr<std::string> Contents(const std::string& path) {
  auto text = ReadWholeFile(path, kMostFileBytes);
  if (!text) return TlsFileUnreadable(path);
  return *std::move(text);
}

prometheus::Labels LabelsOf(const CertificatePaths& paths) {
  return {{"port", paths.authorities.empty() ? "public" : "internal"}};
}

}  // namespace

struct CertificateFiles::Files {
  std::string certificate;
  std::string key;
  std::string authorities;

  // Tells one content from another.
  std::string Digest() const { return Sha256(absl::StrCat(Sha256(certificate), Sha256(key), Sha256(authorities))); }
};

struct CertificateFiles::Version {
  std::string digest;
  std::shared_ptr<const Credentials> credentials;
  absl::Time expires;
};

CertificateFiles::CertificateFiles(CertificatePaths paths, prometheus::Registry& registry, const Clock& clock)
    : paths_(std::move(paths)),
      clock_(clock),
      failures_(prometheus::BuildCounter()
                    .Name("lumbar_tls_reload_failures_total")
                    .Help("Looks at the certificate's files that found none to use; the last good ones are used on.")
                    .Register(registry)
                    .Add(LabelsOf(paths_))),
      expiry_(prometheus::BuildGauge()
                  .Name("lumbar_tls_certificate_expiry_seconds")
                  .Help("When the certificate that is used expires, in Unix time.")
                  .Register(registry)
                  .Add(LabelsOf(paths_))) {}

absl::StatusOr<std::unique_ptr<CertificateFiles>> CertificateFiles::Open(CertificatePaths paths,
                                                                         prometheus::Registry& registry,
                                                                         const Clock& clock) {
  std::unique_ptr<CertificateFiles> files(new CertificateFiles(std::move(paths), registry, clock));
  LUMBAR_ASSIGN_OR_RETURN(Files found, files->Read());
  const std::string digest = found.Digest();
  LUMBAR_ASSIGN_OR_RETURN(Version version, files->Load(std::move(found), digest));
  files->Serve(std::move(version));
  return files;
}

std::shared_ptr<const Credentials> CertificateFiles::Latest() const {
  const MutexLock lock(mutex_);
  return latest_;
}

absl::StatusOr<CertificateFiles::Files> CertificateFiles::Read() const {
  Files files;
  LUMBAR_ASSIGN_OR_RETURN(files.certificate, Contents(paths_.certificate));
  LUMBAR_ASSIGN_OR_RETURN(files.key, Contents(paths_.key));
  if (paths_.authorities.empty()) return files;
  LUMBAR_ASSIGN_OR_RETURN(files.authorities, Contents(paths_.authorities));
  return files;
}

absl::StatusOr<CertificateFiles::Version> CertificateFiles::Load(Files files, std::string digest) const {
  LUMBAR_ASSIGN_OR_RETURN(const KeyPair pair, ParseKeyPair(files.certificate, files.key, clock_.Now()));
  auto made = std::make_shared<Credentials>();
  if (paths_.authorities.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(made->server, MakeServerContext(pair));
  } else {
    LUMBAR_RETURN_IF_ERROR(AddAuthorities(pair, std::move(files), *made));
  }
  return Version{std::move(digest), std::move(made), pair.expires};
}

absl::Status CertificateFiles::AddAuthorities(const KeyPair& pair, Files files, Credentials& made) const {
  LUMBAR_ASSIGN_OR_RETURN(const CertificateStore authorities, ParseAuthorities(files.authorities));
  LUMBAR_RETURN_IF_ERROR(CheckTrusted(pair, *authorities, clock_.Now()));
  LUMBAR_ASSIGN_OR_RETURN(made.server, MakeMutualServerContext(pair, *authorities, paths_.callers));
  LUMBAR_ASSIGN_OR_RETURN(made.client, MakeClientContext(pair, *authorities));
  made.certificate = std::move(files.certificate);
  made.key = std::move(files.key);
  made.authorities = std::move(files.authorities);
  return absl::OkStatus();
}

void CertificateFiles::Serve(Version version) {
  served_ = std::move(version.digest);
  reported_.clear();
  expiry_.Set(static_cast<double>(absl::ToUnixSeconds(version.expires)));
  const MutexLock lock(mutex_);
  latest_ = std::move(version.credentials);
}

// By content and not by time of change: whoever replaces the files does it one after the other, and some keep the time.
void CertificateFiles::Refresh() {
  auto files = Read();
  if (!files.ok()) return Report(files.status(), "");
  const std::string digest = files->Digest();
  if (digest == served_) return reported_.clear();
  auto version = Load(*std::move(files), digest);
  if (!version.ok()) return Report(version.status(), digest);
  Log(LogLevel::kInfo, "certificate_reloaded",
      {{"path", paths_.certificate}, {"expires", absl::FormatTime(version->expires, absl::UTCTimeZone())}});
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
