// A run of the tool against a server that a test makes up.
#pragma once

#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

#include "tools/cli/command_line.h"

namespace lumbar::cli {

class MockTransport : public HttpTransport {
 public:
  MOCK_METHOD(absl::StatusOr<HttpAnswer>, Send, (const HttpRequest& request), (override));
  MOCK_METHOD(absl::StatusOr<HttpAnswer>, Follow,
              (const HttpRequest& request, absl::FunctionRef<bool(absl::string_view)> take), (override));
};

class CommandLineTest : public ::testing::Test {
 protected:
  ExitCode RunWith(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    out_.str("");
    err_.str("");
    Surroundings world{in, out_, err_, http_, clock_};
    world.sleep = [this](absl::Duration pause) { pauses_.push_back(pause); };
    return cli::Run(std::move(arguments), world);
  }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  ::testing::StrictMock<MockTransport> http_;
  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  // How long it waited, each time.
  std::vector<absl::Duration> pauses_;

 private:
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace lumbar::cli
