// Who a process of a test is.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status/matchers.h"
#include "common/transport/testing/certificate_folder.h"

namespace lumbar::transport {

class Identity {
 public:
  // Has a certificate of `authority` for `name`, believes those of that authority, and may be called by `callers`. Its
  // own clock is at `now`, which the TLS that it speaks isn't.
  Identity(const Authority& authority, const std::string& name, std::vector<std::string> callers = {},
           absl::Time now = absl::Now())
      : clock_(now) {
    // As server::Main has it: OpenSSL writes to connections that may be gone.
    std::signal(SIGPIPE, SIG_IGN);
    Write(authority, name, authority.certificate());
    auto opened = CertificateFiles::Open(folder_.mutual_paths(std::move(callers)), registry_, clock_);
    EXPECT_THAT(opened, IsOk());
    files_ = *std::move(opened);
  }

  // Takes another certificate, and other authorities, which must be those of the certificate, too.
  void Renew(const Authority& authority, const std::string& name, const std::string& authorities) {
    const auto before = files_->Latest();
    Write(authority, name, authorities);
    files_->Refresh();
    EXPECT_NE(files_->Latest(), before);
  }

  const CertificateFiles* files() const { return files_.get(); }

 private:
  void Write(const Authority& authority, const std::string& name, const std::string& authorities) const {
    folder_.Put(authority.Issue(name, clock_.Now()));
    folder_.Write("authorities", authorities);
  }

  const CertificateFolder folder_;
  const FakeClock clock_;
  prometheus::Registry registry_;
  std::unique_ptr<CertificateFiles> files_;
};

}  // namespace lumbar::transport
