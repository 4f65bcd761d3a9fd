// A service's command line, on CLI11, which is kept to one file: it takes longer to compile than the services do.
#pragma once

#include <absl/strings/string_view.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lumbar::server {

// Every flag, --ports-file for one, is also an environment variable: LUMBAR_PORTS_FILE. The value that a variable has
// when its flag is added is the default, and --help shows it; the variable must outlive Parse.
class CommandLine {
 public:
  explicit CommandLine(const std::string& purpose);
  ~CommandLine();

  void Text(const std::string& flag, std::string& value, const std::string& meaning);
  void RequiredText(const std::string& flag, std::string& value, const std::string& meaning);
  void Number(const std::string& flag, int& value, int least, int most, const std::string& meaning);
  void Seconds(const std::string& flag, double& value, double most, const std::string& meaning);
  // `flag` is refused without all of `others`. All were added before.
  void Needs(const std::string& flag, const std::vector<std::string>& others);

  // The exit code if the process is to end now: 0 after --help, 2 after a wrong line, which is told on stderr.
  std::optional<int> Parse(int argc, char** argv);

 private:
  template <typename T>
  CLI::Option* Add(const std::string& flag, T& value, const std::string& meaning);

  std::unique_ptr<CLI::App> app_;
};

}  // namespace lumbar::server
