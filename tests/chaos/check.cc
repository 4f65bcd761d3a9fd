// Judges a history file: prints figures and findings as JSON, and exits 1 if there are any.
#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>

#include "tests/chaos/checker.h"

int main(int argc, char** argv) {
  CLI::App app{
      "Judges a history of booking: prints figures and findings as JSON; exits 1 if a promise was broken, 2 if it "
      "can't be read"};
  std::string path;
  app.add_option("history", path, "the history, one JSON object per line")->required()->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  std::ifstream file(path);
  const auto history = lumbar::chaos::ReadHistory(file);
  if (!history.ok()) {
    std::cerr << path << ": " << history.status().message() << "\n";
    return 2;
  }
  const auto verdict = lumbar::chaos::Check(*history);
  nlohmann::json findings = nlohmann::json::array();
  for (const auto& [rule, what] : verdict.findings) findings.push_back({{"rule", rule}, {"what", what}});
  std::cout << nlohmann::json{{"figures", verdict.figures}, {"findings", findings}}.dump() << "\n";
  return verdict.findings.empty() ? 0 : 1;
}
