// Ways to spoil a history that is right, each of which the checker must notice.
#pragma once

#include <random>
#include <span>

#include "tests/chaos/history.h"

namespace lumbar::chaos {

struct Corruption {
  const char* name;
  // What the checker must find, among whatever else.
  const char* rule;
  // Spoils `history` in one place; returns false, and may have begun, if it has no such place.
  bool (*spoil)(History& history, std::mt19937_64& random);
};

std::span<const Corruption> ChangeCorruptions();
std::span<const Corruption> ReadCorruptions();
std::span<const Corruption> RecordCorruptions();

}  // namespace lumbar::chaos
