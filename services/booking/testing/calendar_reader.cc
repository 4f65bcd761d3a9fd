#include "services/booking/testing/calendar_reader.h"

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "source_dir.h"

namespace lumbar::booking {

std::vector<nlohmann::json> ReadCalendars(const std::vector<std::string>& files) {
  const auto path = std::filesystem::temp_directory_path() / absl::StrCat("lumbar-calendars-", getpid());
  std::ofstream out(path, std::ios::binary);
  for (const std::string& file : files) out << file << '\0';
  out.close();
  const std::string command =
      absl::StrCat("node ", LUMBAR_SOURCE_DIR, "/services/booking/testing/read_calendar.mjs ", path.string());
  std::vector<nlohmann::json> read;
  std::string line;
  FILE* const pipe = popen(command.c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    read.push_back(nlohmann::json::parse(line));
    line.clear();
  }
  pclose(pipe);
  std::filesystem::remove(path);
  return read;
}

}  // namespace lumbar::booking
