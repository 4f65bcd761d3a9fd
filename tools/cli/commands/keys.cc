#include <CLI/CLI.hpp>

#include <memory>

#include "common/auth/signer.h"
#include "common/status/macros.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/session.h"

namespace lumbar::cli {
namespace {

struct KeyFlags {
  std::string kid;
  std::string private_path;
  std::string jwks_path;
};

}  // namespace

void AddKeys(CLI::App& app, Session& session) {
  auto* keys = app.add_subcommand("keys", "Makes the keys that tokens and assessments are signed with");
  keys->require_subcommand(1);
  auto* generate = keys->add_subcommand("generate", "Makes a P-256 key (ES256); overwrites nothing");
  const auto flags = std::make_shared<KeyFlags>();
  generate->add_option("--kid", flags->kid, "the key's id in the JWKS")->required();
  generate->add_option("--private", flags->private_path, "new file for the private key (PEM, mode 0600)")->required();
  generate->add_option("--jwks", flags->jwks_path, "public keys (JWKS); made, or given one more key")->required();
  generate->callback([flags, &session] {
    session.command = [flags]() -> absl::StatusOr<ExitCode> {
      LUMBAR_RETURN_IF_ERROR(auth::GenerateKey(flags->kid, flags->private_path, flags->jwks_path));
      return ExitCode::kOk;
    };
  });
}

}  // namespace lumbar::cli
