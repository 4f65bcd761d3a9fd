#include "common/telemetry/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "common/status/matchers.h"

namespace lumbar {
namespace {

using ::testing::SizeIs;

class AuditTest : public ::testing::Test {
 protected:
  AuditTest() : path_(std::filesystem::path(::testing::TempDir()) / absl::StrCat("audit-", getpid(), ".jsonl")) {}
  ~AuditTest() override { std::filesystem::remove(path_); }

  std::vector<std::string> Lines() {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  AuditRecord record_{absl::FromUnixMicros(1'700'000'000'000'001),
                      "hold_created",
                      "CreateHold",
                      "patients/7",
                      "patient",
                      "OK",
                      "",
                      "holds/1",
                      "0af7651916cd43dd8448eb211c80319c"};
  std::filesystem::path path_;
};

TEST_F(AuditTest, AppendsALineForEachRecordAndKeepsTheOldOnes) {
  for (int run = 0; run < 2; ++run) {
    ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
    EXPECT_THAT(log->Append(record_), IsOk());
  }
  ASSERT_THAT(Lines(), SizeIs(2));
  const auto line = nlohmann::json::parse(Lines()[1]);
  EXPECT_EQ(line["time"], "2023-11-14T22:13:20.000001Z");
  EXPECT_EQ(line["event"], "hold_created");
  EXPECT_EQ(line["subject"], "patients/7");
  EXPECT_EQ(line["resource"], "holds/1");
  EXPECT_EQ(line["trace_id"], record_.trace_id);
  EXPECT_EQ(line.size(), 9u);
}

TEST_F(AuditTest, IsReadableByItsOwnerOnly) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  struct stat facts = {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(AuditTest, CannotBeMadeToForgeALine) {
  record_.resource = "holds/1\"}\n{\"event\":\"forged\"}\xff";
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->Append(record_), IsOk());
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(Lines()[0])["event"], "hold_created");
}

TEST_F(AuditTest, SaysSoWhenTheDiskIsFull) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open("/dev/full"));
  EXPECT_THAT(log->Append(record_), FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
}

TEST_F(AuditTest, WritesWhatMayWaitAtTheLatestWhenItCloses) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->AppendSoon(record_), IsOk());
  log.reset();
  EXPECT_THAT(Lines(), SizeIs(1));
}

TEST_F(AuditTest, KeepsTheOrderOfWhatMayWaitAndWhatMayNot) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  record_.event = "first";
  ASSERT_THAT(log->AppendSoon(record_), IsOk());
  record_.event = "second";
  ASSERT_THAT(log->Append(record_), IsOk());
  const auto lines = Lines();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(nlohmann::json::parse(lines[0])["event"], "first");
  EXPECT_EQ(nlohmann::json::parse(lines[1])["event"], "second");
}

TEST_F(AuditTest, LetsNoMoreWaitThanSixtyFourKilobytes) {
  record_.resource = std::string(64 * 1024, 'x');
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->AppendSoon(record_), IsOk());
  EXPECT_THAT(Lines(), SizeIs(1));
}

TEST_F(AuditTest, LetsNothingWaitWhileTheDiskIsFull) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open("/dev/full"));
  ASSERT_THAT(log->Append(record_), FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
  EXPECT_THAT(log->AppendSoon(record_), FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
}

TEST_F(AuditTest, SaysSoWhenItCannotOpen) {
  EXPECT_THAT(FileAuditLog::Open("/nowhere/audit.jsonl"),
              FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
}

TEST_F(AuditTest, BeginsANewLineAfterOneThatWasCutShortByACrash) {
  std::ofstream(path_) << "{\"time\":\"2023-";
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->Append(record_), IsOk());
  ASSERT_THAT(Lines(), SizeIs(2));
  EXPECT_TRUE(nlohmann::json::accept(Lines()[1]));
}

TEST_F(AuditTest, BeginsANewLineAfterOneThatWasCutShortByALimit) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit old = {};
  getrlimit(RLIMIT_FSIZE, &old);
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  const rlimit small = {20, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THAT(log->Append(record_), FailsWith(absl::StatusCode::kUnavailable, "AUDIT_UNWRITABLE"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_THAT(log->Append(record_), IsOk());
  ASSERT_THAT(Lines(), SizeIs(2));
  EXPECT_TRUE(nlohmann::json::accept(Lines()[1]));
}

}  // namespace
}  // namespace lumbar
