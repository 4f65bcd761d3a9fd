// A key set on the server of a token issuer: what OpenID Connect calls its jwks_uri.
#pragma once

#include <absl/strings/string_view.h>

#include <memory>
#include <string>
#include <utility>

#include "common/auth/key_source.h"

namespace lumbar::auth {

class KeyUrl final : public KeySource {
 public:
  // https://, of a server whose certificate an authority in `ca_file` (PEM; empty: the system's) answers for, or
  // http:// to a numeric loopback address. INVALID_ARGUMENT/KEY_URL_REFUSED: anything else, or with a user, a password
  // or a fragment in it.
  static absl::StatusOr<std::unique_ptr<KeyUrl>> Create(std::string url, std::string ca_file);

  // Takes three seconds at most, follows no redirect and uses no proxy. UNAVAILABLE/KEY_URL_UNREACHABLE: no answer by
  // then, a certificate that isn't trusted, more than 256 KiB, or another status than 200.
  absl::StatusOr<Answer> Read() override;
  // The URL without its query, which may hold a secret.
  const std::string& name() const override { return name_; }

 private:
  KeyUrl(std::string url, std::string name, std::string ca_file)
      : url_(std::move(url)), name_(std::move(name)), ca_file_(std::move(ca_file)) {}

  const std::string url_;
  const std::string name_;
  const std::string ca_file_;
};

// The max-age of a Cache-Control header, zero for no-cache or no-store, and infinite if it says neither. Of directives
// that are there twice the shortest counts.
absl::Duration GoodFor(absl::string_view cache_control);

}  // namespace lumbar::auth
