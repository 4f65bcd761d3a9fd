// An audit log as the services write it, and what becomes of it.
#include "common/telemetry/audit.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AuditCommandTest : public CommandLineTest {
 protected:
  AuditCommandTest() : folder_(std::filesystem::path(::testing::TempDir()) / absl::StrCat("audit-", getpid())) {
    std::filesystem::create_directories(folder_);
    Append(3);
  }
  ~AuditCommandTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name = "audit.log") { return (folder_ / name).string(); }
  void Append(int records) {
    auto log = FileAuditLog::Open(Path());
    AuditRecord record;
    record.time = clock_.Now();
    record.event = "hold.create";
    record.subject = "patients/7";
    for (int i = 0; i < records; ++i) (void)(*log)->Append(record);
  }
  std::string Text() {
    std::ifstream file(Path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& name, const std::string& text) { std::ofstream(Path(name)) << text; }
  std::string Head() {
    EXPECT_EQ(RunWith({"audit", "head", Path()}), ExitCode::kOk) << err();
    return out().substr(0, out().size() - 1);
  }

  std::filesystem::path folder_;
};

TEST_F(AuditCommandTest, SaysThatALogHoldsAndWhatItsHeadIs) {
  const std::string head = Head();
  EXPECT_THAT(head, StartsWith("3:"));
  EXPECT_EQ(RunWith({"audit", "verify", Path(), "--head", head}), ExitCode::kOk) << err();
  EXPECT_EQ(out(), absl::StrCat("ok: 3 lines, head ", head, "\n"));
  Append(2);
  EXPECT_EQ(RunWith({"audit", "verify", Path(), "--head", head, "--head", Head(), "-o", "json"}), ExitCode::kOk);
  EXPECT_EQ(nlohmann::json::parse(out())["lines"], 5);
  EXPECT_EQ(RunWith({"audit", "verify", "-", "--head", head}, Text()), ExitCode::kOk) << out();
}

TEST_F(AuditCommandTest, NamesTheLineThatWasChanged) {
  std::string text = Text();
  text.replace(text.rfind("patients/7"), 10, "patients/8");
  Write("changed", text);
  EXPECT_EQ(RunWith({"audit", "verify", Path("changed")}), ExitCode::kRefused);
  EXPECT_THAT(out(),
              AllOf(HasSubstr("changed:3: this line isn't"), HasSubstr("[EDITED]"), HasSubstr("2 lines before")));
  EXPECT_EQ(RunWith({"audit", "verify", Path("changed"), "-o", "json"}), ExitCode::kRefused);
  const auto told = nlohmann::json::parse(out());
  EXPECT_EQ(told["ok"], false);
  EXPECT_EQ(told["fault"], "EDITED");
  EXPECT_EQ(told["line"], 3);
}

TEST_F(AuditCommandTest, FindsThatTheEndIsMissingByAHeadAlone) {
  const std::string head = Head();
  Write("short", Text().substr(0, Text().find('\n') + 1));
  EXPECT_EQ(RunWith({"audit", "verify", Path("short")}), ExitCode::kOk);
  EXPECT_EQ(RunWith({"audit", "verify", Path("short"), "--head", head}), ExitCode::kRefused);
  EXPECT_THAT(out(), HasSubstr("[TRUNCATED]"));
}

TEST_F(AuditCommandTest, HoldsTheLogAgainstEachHeadThatIsGiven) {
  const std::string head = Head(), other = "2:" + std::string(64, 'a');
  EXPECT_EQ(RunWith({"audit", "verify", Path(), "--head", other, "--head", head}), ExitCode::kRefused);
  EXPECT_THAT(out(), AllOf(HasSubstr("audit.log:2: "), HasSubstr("[REWRITTEN]")));
  EXPECT_EQ(RunWith({"audit", "verify", Path(), "--head", head, "--head", other}), ExitCode::kRefused);
}

TEST_F(AuditCommandTest, RefusesALogWhoseLastLineIsNotWhole) {
  Write("torn", Text() + "{\"sequence\":4,");
  EXPECT_EQ(RunWith({"audit", "verify", Path("torn")}), ExitCode::kRefused);
  EXPECT_THAT(out(), AllOf(HasSubstr("torn:4: "), HasSubstr("[UNFINISHED]")));
}

TEST_F(AuditCommandTest, ReadsALogThatWasCutIntoFiles) {
  const std::string text = Text();
  const size_t second = text.find('\n') + 1;
  Write("one", text.substr(0, second));
  Write("two", text.substr(second));
  EXPECT_EQ(RunWith({"audit", "verify", Path("one"), Path("two"), "--head", Head()}), ExitCode::kOk) << out();
  EXPECT_EQ(RunWith({"audit", "head", Path("one")}), ExitCode::kOk);
  const std::string first = out().substr(0, out().size() - 1);
  EXPECT_EQ(RunWith({"audit", "verify", Path("two"), "--after", first}), ExitCode::kOk) << out();
  EXPECT_EQ(RunWith({"audit", "verify", Path("two")}), ExitCode::kRefused);
  EXPECT_EQ(RunWith({"audit", "verify", Path("two"), "--after", Head(), "--head", first}), ExitCode::kUsage);
  Write("two", absl::StrReplaceAll(text.substr(second), {{"patients/7", "patients/8"}}));
  EXPECT_EQ(RunWith({"audit", "verify", Path("one"), Path("two")}), ExitCode::kRefused);
  EXPECT_THAT(out(), HasSubstr("two:1: ")) << "counted in its own file";
}

TEST_F(AuditCommandTest, RefusesWhatIsNoLogOrNoHead) {
  Write("other", "hello\n");
  EXPECT_EQ(RunWith({"audit", "head", Path("other")}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"audit", "head", Path("nothing")}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"audit", "verify", Path("nothing")}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"audit", "verify", folder_.string()}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"audit", "verify", Path(), "--head", "3:abc"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"audit", "verify", Path("other")}), ExitCode::kRefused);
}

}  // namespace
}  // namespace lumbar::cli
