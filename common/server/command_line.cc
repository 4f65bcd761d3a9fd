#include "common/server/command_line.h"

#include <CLI/CLI.hpp>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

namespace lumbar::server {
namespace {

// As shells and tools/lumbar have it.
constexpr int kUsageExit = 2;

std::string VariableOf(const std::string& flag) {
  return absl::StrCat("LUMBAR_", absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

}  // namespace

CommandLine::CommandLine(const std::string& purpose) : app_(std::make_unique<CLI::App>(purpose)) {}
CommandLine::~CommandLine() = default;

template <typename T>
CLI::Option* CommandLine::Add(const std::string& flag, T& value, const std::string& meaning) {
  return app_->add_option("--" + flag, value, meaning)->envname(VariableOf(flag))->capture_default_str();
}

void CommandLine::Text(const std::string& flag, std::string& value, const std::string& meaning) {
  Add(flag, value, meaning);
}

void CommandLine::RequiredText(const std::string& flag, std::string& value, const std::string& meaning) {
  Add(flag, value, meaning)->required();
}

void CommandLine::Number(const std::string& flag, int& value, int least, int most, const std::string& meaning) {
  Add(flag, value, meaning)->check(CLI::Range(least, most));
}

void CommandLine::Seconds(const std::string& flag, double& value, double most, const std::string& meaning) {
  Add(flag, value, meaning)->check(CLI::Range(0.0, most));
}

void CommandLine::Needs(const std::string& flag, const std::vector<std::string>& others) {
  for (const std::string& other : others) app_->get_option("--" + flag)->needs(app_->get_option("--" + other));
}

std::optional<int> CommandLine::Parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? 0 : kUsageExit;
  }
}

}  // namespace lumbar::server
