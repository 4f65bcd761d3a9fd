// The command-line tool: lumbar COMMAND ...
#include <unistd.h>

#include <iostream>

#include "tools/cli/command_line.h"
#include "tools/cli/curl_transport.h"

int main(int argc, char** argv) {
  lumbar::cli::CurlTransport http;
  const lumbar::SystemClock clock;
  lumbar::cli::Surroundings world{std::cin, std::cout, std::cerr, http, clock, isatty(STDERR_FILENO) == 1};
  return static_cast<int>(lumbar::cli::Run({argv + 1, argv + argc}, world));
}
