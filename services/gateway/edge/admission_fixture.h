// Tokens, and who believes them; for tests only.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <memory>
#include <string>

#include "common/auth/authenticator.h"
#include "common/auth/test_issuer.h"

namespace lumbar::gateway {

class Believer {
 public:
  explicit Believer(const Clock& clock) : clock_(clock) {
    auth::WriteFile(path_, auth::JwksOf({issuer_.Jwk()}));
    keys_ = *auth::FollowedKeys::OfFile(path_, clock);
    authenticator_ = std::make_unique<auth::Authenticator>(*keys_, clock, auth::Expectations{"id", "lumbar"});
  }

  auth::Authenticator& authenticator() { return *authenticator_; }
  // An Authorization header; another token for each `number`.
  std::string Header(const std::string& subject, int number = 0) const { return Signed(issuer_, subject, number); }
  // The same of somebody who hasn't the key.
  std::string Forged(const std::string& subject) const { return Signed(stranger_, subject, 0); }

 private:
  std::string Signed(const auth::TestIssuer& issuer, const std::string& subject, int number) const {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    return absl::StrCat("Bearer ", issuer.Sign({{"iss", "id"},
                                                {"aud", "lumbar"},
                                                {"sub", subject},
                                                {"role", "patient"},
                                                {"iat", now},
                                                {"exp", now + 600 + number}}));
  }

  const Clock& clock_;
  const auth::TestIssuer issuer_;
  const auth::TestIssuer stranger_;
  const std::string path_ = auth::TemporaryPath("jwks.json");
  std::unique_ptr<auth::FollowedKeys> keys_;
  std::unique_ptr<auth::Authenticator> authenticator_;
};

}  // namespace lumbar::gateway
