// The command-line tool: lumbar COMMAND ...
#include <iostream>

#include "tools/cli/command_line.h"
#include "tools/cli/curl_transport.h"

int main(int argc, char** argv) {
  lumbar::cli::CurlTransport http;
  const lumbar::SystemClock clock;
  lumbar::cli::Surroundings world{std::cin, std::cout, std::cerr, http, clock};
  return static_cast<int>(lumbar::cli::Run({argv + 1, argv + argc}, world));
}
