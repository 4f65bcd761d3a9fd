#include "tests/chaos/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/chaos/corruption.h"
#include "tests/chaos/simulation.h"

namespace lumbar::chaos {

static void PrintTo(const Finding& finding, std::ostream* out) { *out << finding.rule << ": " << finding.what; }

namespace {

using testing::IsEmpty;

constexpr int kOperations = 500;
// Of each kind.
constexpr int kSpoiled = 50;

void Write(const History& history, std::ostream& out) {
  out << LineOf(history.config) << "\n";
  for (const auto& [op, attempt] : history.attempts)
    out << LineOf(attempt.call) << "\n" << LineOf(attempt.result) << "\n";
  for (const auto& fault : history.faults) out << LineOf(fault) << "\n";
  for (const auto& event : history.events) out << LineOf(event) << "\n";
  for (const auto& line : history.audit) out << LineOf(line) << "\n";
  for (const auto& row : history.holds) out << HoldLine(row) << "\n";
  for (const auto& row : history.appointments) out << AppointmentLine(row) << "\n";
  for (const auto& row : history.ticks) out << LineOf(row) << "\n";
  for (const auto& row : history.keys) out << LineOf(row) << "\n";
  for (const auto& row : history.outbox) out << LineOf(row) << "\n";
  out << FinalLine(history.final_at) << "\n";
}

TEST(CheckerTest, PassesHistoriesThatAreRight) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const Verdict verdict = Check(Simulate(seed, kOperations));
    ASSERT_THAT(verdict.findings, IsEmpty()) << "seed " << seed;
  }
}

TEST(CheckerTest, JudgesWhatHappensAndNotNothing) {
  Verdict verdict = Check(Simulate(1, 5000));
  for (const char* figure : {"changes", "tenures", "pairs_ordered", "refusals", "reads", "events", "audit_lines",
                             "replays_answered", "other_bodies_refused", "info"}) {
    EXPECT_GT(verdict.figures[figure], 0) << figure;
  }
}

TEST(CheckerTest, JudgesAFileAsItJudgesWhatWasWritten) {
  const History history = Simulate(3, kOperations);
  std::stringstream file;
  Write(history, file);
  const auto read = ReadHistory(file);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(Check(*read).figures, Check(history).figures);
}

TEST(CheckerTest, RefusesAFileThatIsNoHistory) {
  for (const char* text : {"nonsense", "{}", R"({"type":"return","op":7})"}) {
    std::istringstream file(text);
    EXPECT_EQ(ReadHistory(file).status().message(), "line 1 isn't part of a history") << text;
  }
}

TEST(CheckerTest, NeedsTheFinalTables) {
  History history = Simulate(1, kOperations);
  history.final_at = 0;
  EXPECT_FALSE(Check(history).findings.empty());
}

// Made once: every kind spoils copies of the same.
const History& Right(uint64_t seed) {
  static auto* const made = new std::map<uint64_t, History>;
  const auto found = made->find(seed);
  return found != made->end() ? found->second : made->emplace(seed, Simulate(seed, kOperations)).first->second;
}

class CorruptionTest : public testing::TestWithParam<Corruption> {};

bool Finds(const Verdict& verdict, const std::string& rule) {
  return std::any_of(verdict.findings.begin(), verdict.findings.end(),
                     [&](const Finding& finding) { return finding.rule == rule; });
}

TEST_P(CorruptionTest, IsCaughtEveryTime) {
  int caught = 0;
  for (uint64_t seed = 1; caught < kSpoiled; ++seed) {
    ASSERT_LT(seed, 500U) << "too few places to spoil";
    History history = Right(seed);
    std::mt19937_64 random(seed);
    if (!GetParam().spoil(history, random)) continue;
    const Verdict verdict = Check(history);
    ASSERT_TRUE(Finds(verdict, GetParam().rule))
        << "seed " << seed << " goes unnoticed; found: " << testing::PrintToString(verdict.findings);
    ++caught;
  }
  RecordProperty("caught", caught);
}

std::string NameOf(const testing::TestParamInfo<Corruption>& param) {
  std::string name = param.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '\''; }, '_');
  return name;
}

template <typename List>
auto In(const List& list) {
  return testing::ValuesIn(list.begin(), list.end());
}

INSTANTIATE_TEST_SUITE_P(OfChanges, CorruptionTest, In(ChangeCorruptions()), NameOf);
INSTANTIATE_TEST_SUITE_P(OfReads, CorruptionTest, In(ReadCorruptions()), NameOf);
INSTANTIATE_TEST_SUITE_P(OfRecords, CorruptionTest, In(RecordCorruptions()), NameOf);

}  // namespace
}  // namespace lumbar::chaos
