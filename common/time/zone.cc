#include "common/time/zone.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <cstdlib>
#include <fstream>
#include <vector>

namespace lumbar {
namespace {

// Where the zone library looks, so that the names are those of its files.
std::string Folder() {
  const char* const wanted = std::getenv("TZDIR");
  return wanted != nullptr && *wanted != '\0' ? wanted : "/usr/share/zoneinfo";
}

// The database as its authors write it: "Z name ..." begins a zone, "L zone name" is another name of one. Left out is
// what says that nobody has set a zone.
absl::flat_hash_set<std::string> ReadNames() {
  absl::flat_hash_set<std::string> names;
  std::ifstream file(absl::StrCat(Folder(), "/tzdata.zi"));
  for (std::string line; std::getline(file, line);) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words[0] == "Z" && words.size() > 1) names.emplace(words[1]);
    if (words[0] == "L" && words.size() > 2) names.emplace(words[2]);
  }
  names.erase("Factory");
  return names;
}

}  // namespace

const absl::flat_hash_set<std::string>& ZoneNames() {
  static const auto* const kNames = new absl::flat_hash_set<std::string>(ReadNames());
  return *kNames;
}

std::optional<absl::TimeZone> FindZone(absl::string_view name) {
  absl::TimeZone zone;
  if (!ZoneNames().contains(name) || !absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

bool IsKnownZone(absl::string_view name) { return FindZone(name).has_value(); }

}  // namespace lumbar
