#include <CLI/CLI.hpp>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <memory>
#include <ostream>

#include "common/auth/authenticator.h"
#include "common/auth/signer.h"
#include "common/status/macros.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/session.h"

namespace lumbar::cli {
namespace {

// A token can't be called back, so none lives longer than a day.
constexpr absl::Duration kLongest = absl::Hours(24);

struct TokenFlags {
  std::string key_path;
  std::string kid;
  std::string subject;
  std::string role;
  std::string lifetime = "1h";
  std::string issuer = "lumbar-dev";
  std::string audience = "lumbar";
};

std::string CheckLifetime(const std::string& text) {
  absl::Duration lifetime;
  if (!absl::ParseDuration(text, &lifetime)) return "'" + text + "' is no duration; write it as 90s, 15m or 1h";
  if (lifetime < absl::Seconds(1) || lifetime > kLongest) return "a token lives from 1s to 24h";
  return "";
}

absl::Status CheckSubject(const TokenFlags& flags) {
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  options::v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(flags.role)), &role);
  return auth::CheckSubject(flags.subject, role);
}

absl::StatusOr<ExitCode> PrintToken(const TokenFlags& flags, const Surroundings& world) {
  LUMBAR_RETURN_IF_ERROR(CheckSubject(flags));
  LUMBAR_ASSIGN_OR_RETURN(const auth::Signer signer, auth::Signer::Open(flags.key_path, flags.kid));
  absl::Duration lifetime;
  absl::ParseDuration(flags.lifetime, &lifetime);
  const absl::Time now = world.clock.Now();
  const nlohmann::json claims = {
      {"iss", flags.issuer}, {"aud", flags.audience},           {"sub", flags.subject},
      {"role", flags.role},  {"iat", absl::ToUnixSeconds(now)}, {"exp", absl::ToUnixSeconds(now + lifetime)}};
  LUMBAR_ASSIGN_OR_RETURN(const std::string token, signer.Sign("JWT", claims));
  world.out << token << "\n";
  return ExitCode::kOk;
}

}  // namespace

void AddToken(CLI::App& app, Session& session) {
  auto* token = app.add_subcommand("token", "Prints a token for development, signed with a key of your own");
  const auto flags = std::make_shared<TokenFlags>();
  const CLI::IsMember roles({"patient", "clinician", "staff", "service", "admin"});
  token->add_option("--key", flags->key_path, "private key (PEM), e.g. of `lumbar keys generate`")->required();
  token->add_option("--kid", flags->kid, "its id in the JWKS")->required();
  token->add_option("--subject", flags->subject, "who the bearer is, e.g. patients/17")->required();
  token->add_option("--role", flags->role, "what the bearer may do")->required()->check(roles);
  token->add_option("--lifetime", flags->lifetime, "for how long, up to 24h")
      ->capture_default_str()
      ->check(CLI::Validator(CheckLifetime, "DURATION"));
  token->add_option("--issuer", flags->issuer, "the iss that the services expect")->capture_default_str();
  token->add_option("--audience", flags->audience, "the aud that the services expect")->capture_default_str();
  token->callback(
      [flags, &session] { session.command = [flags, &session] { return PrintToken(*flags, session.world); }; });
}

}  // namespace lumbar::cli
