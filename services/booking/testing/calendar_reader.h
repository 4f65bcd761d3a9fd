// What a calendar program makes of calendar files.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace lumbar::booking {

// What npm ical.js reads in each of `files`, as read_calendar.mjs prints it. Fewer answers if it can't read one.
std::vector<nlohmann::json> ReadCalendars(const std::vector<std::string>& files);

}  // namespace lumbar::booking
