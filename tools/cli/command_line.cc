#include "tools/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "tools/cli/commands/commands.h"
#include "tools/cli/errors.h"

namespace lumbar::cli {
namespace {

constexpr char kAbout[] = "lumbar: virtual back-pain care from the command line";
constexpr char kExitCodes[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  refused: the server answered 4xx, a database isn't fit for the command, an audit log doesn't\n"
    "     hold, or a key or token can't be made\n"
    "  2  wrong arguments or input; nothing was sent\n"
    "  3  the server or database can't be reached, failed (5xx) or wasn't understood\n"
    "  4  EMERGENCY: the answer says to get help at once\n";

void AddGlobalFlags(CLI::App& app, GlobalFlags& flags) {
  app.set_version_flag("--version", LUMBAR_VERSION);
  app.add_option("--server", flags.server, "the public gateway")->envname("LUMBAR_SERVER")->capture_default_str();
  auto* token = app.add_option("--token", flags.token, "bearer token (seen by others in `ps`; better a file)");
  token->envname("LUMBAR_TOKEN");
  app.add_option("--token-file", flags.token_file, "file that holds the bearer token; wins over LUMBAR_TOKEN");
  app.add_option_function<std::string>(
         "-o,--output", [&flags](const std::string& form) { flags.json = form == "json"; },
         "text: explained; json: the server's answer and nothing else, or an error on stderr, as JSON too")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

// What is wrong; where CLI11 only misses a command, the word that isn't one.
std::string MistakeOf(const CLI::App& app, const CLI::ParseError& mistake) {
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  return unknown.empty() ? mistake.what() : absl::StrCat("there is no \"", unknown.front(), "\" here");
}

// Whether mistakes are to be JSON, which CLI11 may not have come to.
bool WantsJson(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& one = arguments[i];
    if (one == "-ojson" || one == "--output=json") return true;
    const bool is_flag = one == "-o" || one == "--output";
    if (is_flag && i + 1 < arguments.size() && arguments[i + 1] == "json") return true;
  }
  return false;
}

// CLI11 writes help and version to `out`; it throws, and this is where that ends.
bool Parse(CLI::App& app, std::vector<std::string> arguments, Surroundings& world, ExitCode& ended) {
  const bool wants_json = WantsJson(arguments);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back.
  try {
    app.parse(std::move(arguments));
    return true;
  } catch (const CLI::ParseError& mistake) {
    if (mistake.get_exit_code() == 0) {
      app.exit(mistake, world.out, world.err);
      ended = ExitCode::kOk;
    } else {
      const absl::Status wrong = WrongInput(MistakeOf(app, mistake));
      wants_json ? PrintFailureJson(wrong, world.err) : PrintFailure(wrong, world.err);
      if (!wants_json) world.err << "  run with --help for what it takes\n";
      ended = ExitCode::kUsage;
    }
    return false;
  }
}

}  // namespace

ExitCode Run(std::vector<std::string> arguments, Surroundings& world) {
  Session session{world, {}, {}};
  CLI::App app(kAbout, "lumbar");
  app.footer(kExitCodes);
  app.require_subcommand(1);
  app.fallthrough();  // Global flags may stand behind the command.
  AddGlobalFlags(app, session.flags);
  AddKeys(app, session);
  AddToken(app, session);
  AddTriage(app, session);
  AddSlots(app, session);
  AddConsult(app, session);
  AddWaitlist(app, session);
  AddArticle(app, session);
  AddConversation(app, session);
  AddMessage(app, session);
  AddAccess(app, session);
  AddAudit(app, session);
  AddDb(app, session);
  if (ExitCode ended; !Parse(app, std::move(arguments), world, ended)) return ended;
  const absl::StatusOr<ExitCode> done = session.command();
  if (done.ok()) return *done;
  session.flags.json ? PrintFailureJson(done.status(), world.err) : PrintFailure(done.status(), world.err);
  return ExitCodeOf(done.status());
}

}  // namespace lumbar::cli
