// From the arguments to the exit code.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/session.h"

namespace lumbar::cli {

// Runs the tool with `arguments`, the program's name left out.
ExitCode Run(std::vector<std::string> arguments, Surroundings& world);

}  // namespace lumbar::cli
