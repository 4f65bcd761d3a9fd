#include "common/server/command_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace lumbar::server {
namespace {

std::optional<int> Parsed(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  CommandLine line("a service");
  std::string text;
  int number = 3;
  line.RequiredText("text", text, "some text");
  line.Number("number", number, 1, 9, "a number");
  return line.Parse(static_cast<int>(argv.size()), argv.data());
}

TEST(CommandLineTest, EndsWithTwoAfterAnyMistakeAndWithZeroAfterHelp) {
  EXPECT_EQ(Parsed({"service", "--text", "a", "--number", "9"}), std::nullopt);
  EXPECT_EQ(Parsed({"service", "--help"}), 0);
  EXPECT_EQ(Parsed({"service"}), 2) << "a required flag is missing";
  EXPECT_EQ(Parsed({"service", "--text", "a", "--number", "10"}), 2);
  EXPECT_EQ(Parsed({"service", "--text", "a", "--nubmer", "9"}), 2);
  EXPECT_EQ(Parsed({"service", "--text"}), 2);
}

}  // namespace
}  // namespace lumbar::server
