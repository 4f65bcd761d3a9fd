#include "common/telemetry/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/status/matchers.h"
#include "common/telemetry/audit_verifier.h"
#include "common/telemetry/log.h"

namespace {

// How long the file was when it was last synced.
off_t synced_bytes = -1;

}  // namespace

// In place of the C library's, so that a test sees what would outlive a power cut.
extern "C" int fdatasync(int file) {
  struct stat facts = {};
  if (fstat(file, &facts) == 0) synced_bytes = facts.st_size;
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

namespace lumbar {
namespace {

using ::testing::SizeIs;

class AuditTest : public ::testing::Test {
 protected:
  AuditTest() : path_(std::filesystem::path(::testing::TempDir()) / absl::StrCat("audit-", getpid(), ".jsonl")) {
    InitLoggingTo(log_, "test", LogLevel::kWarning);
  }
  ~AuditTest() override { std::filesystem::remove(path_); }

  std::vector<std::string> Lines() {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::string Text() {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // "" if there is none.
  static std::string FaultOf(const std::string& log, std::vector<AuditHead> published = {}) {
    AuditVerifier verifier({}, std::move(published));
    verifier.Read(log);
    const AuditVerdict verdict = verifier.Finish();
    return verdict.fault ? std::string(NameOf(*verdict.fault)) : "";
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
  // What an operator reads.
  std::ostringstream log_;
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
  EXPECT_EQ(line["sequence"], 2);
  EXPECT_EQ(line.size(), 11u);
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

TEST_F(AuditTest, WritesWhatMayWaitByItselfSoon) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->AppendSoon(record_), IsOk());
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (std::filesystem::file_size(path_) == 0 && absl::Now() < end) std::this_thread::yield();
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
  record_.resource = std::string(2048, 'x');
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  for (int i = 0; i < 32; ++i) ASSERT_THAT(log->AppendSoon(record_), IsOk());
  EXPECT_GT(std::filesystem::file_size(path_), 64u * 1024);
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
  ASSERT_THAT(Lines(), SizeIs(3));
  EXPECT_EQ(nlohmann::json::parse(Lines()[1])["event"], "audit.resumed");
  EXPECT_EQ(nlohmann::json::parse(Lines()[1])["torn_bytes"], 15);
  EXPECT_EQ(nlohmann::json::parse(Lines()[2])["event"], "hold_created");
  EXPECT_THAT(log_.str(), testing::HasSubstr("audit_unchained"));
  EXPECT_EQ(FaultOf(Text()), "");
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
  ASSERT_THAT(Lines(), SizeIs(3));
  const auto resumed = nlohmann::json::parse(Lines()[1]);
  EXPECT_EQ(resumed["torn_bytes"], 21) << "and a line break";
  EXPECT_EQ(resumed["lost_records"], 1);
  EXPECT_EQ(FaultOf(Text()), "");
}

TEST_F(AuditTest, TellsOfRecordsThatCouldNotBeWrittenAtAll) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit old = {};
  getrlimit(RLIMIT_FSIZE, &old);
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->Append(record_), IsOk());
  const rlimit full = {std::filesystem::file_size(path_), old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(log->Append(record_).ok());
  const auto before = log->Head();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_THAT(log->Append(record_), IsOk());
  const auto resumed = nlohmann::json::parse(Lines()[1]);
  EXPECT_EQ(resumed["lost_records"], 3);
  EXPECT_FALSE(resumed.contains("torn_bytes"));
  EXPECT_EQ(before.sequence, 1);
  EXPECT_EQ(FaultOf(Text(), {before, log->Head()}), "");
}

TEST_F(AuditTest, KeepsTheLinesOfABatchThatWereWrittenWhole) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit old = {};
  getrlimit(RLIMIT_FSIZE, &old);
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->Append(record_), IsOk());
  const size_t line = std::filesystem::file_size(path_);
  const rlimit small = {3 * line + 10, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int i = 0; i < 4; ++i) (void)log->AppendSoon(record_);
  EXPECT_EQ(log->Head().sequence, 3);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_THAT(log->Append(record_), IsOk());
  EXPECT_EQ(log->Head().sequence, 5);
  EXPECT_EQ(nlohmann::json::parse(Lines()[4])["lost_records"], 2);
  EXPECT_EQ(FaultOf(Text()), "");
}

TEST_F(AuditTest, GoesOnWithTheChainWhereverItWasCutOff) {
  {
    ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
    for (int i = 0; i < 2; ++i) ASSERT_THAT(log->Append(record_), IsOk());
  }
  const std::string whole = Text();
  for (size_t size = 0; size <= whole.size(); ++size) {
    std::ofstream(path_, std::ios::trunc) << whole.substr(0, size);
    for (int restart = 0; restart < 2; ++restart) {
      ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
      ASSERT_THAT(log->Append(record_), IsOk());
    }
    ASSERT_EQ(Text().substr(0, size), whole.substr(0, size)) << "drops nothing";
    ASSERT_EQ(FaultOf(Text()), "") << "cut after " << size;
  }
  EXPECT_THAT(log_.str(), testing::HasSubstr("\"audit_torn\",\"sequence\":1,\"torn_bytes\":7}"));
}

TEST_F(AuditTest, SaysWhatItsHeadIsAlsoOfWhatWaits) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  EXPECT_EQ(log->Head(), AuditHead());
  ASSERT_THAT(log->Append(record_), IsOk());
  ASSERT_THAT(log->AppendSoon(record_), IsOk());
  const AuditHead head = log->Head();
  EXPECT_EQ(head.sequence, 2);
  EXPECT_EQ(nlohmann::json::parse(Lines()[1])["hash"], head.hash);
}

TEST_F(AuditTest, SyncsAllThatItsHeadCovers) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->AppendSoon(record_), IsOk());
  synced_bytes = -1;
  EXPECT_EQ(log->Head().sequence, 1);
  EXPECT_EQ(synced_bytes, static_cast<off_t>(std::filesystem::file_size(path_)));
}

TEST_F(AuditTest, LooksAtTheEndOfALongLogAlone) {
  AuditHead head{41, std::string(64, 'a')};
  std::string line = "\n";
  head = AppendSealed(42, LinkAfter(head), "\"event\":\"x\"", line);
  std::ofstream(path_).close();
  // A hole, which no disk has room for.
  std::filesystem::resize_file(path_, uintmax_t{1} << 40);
  std::ofstream(path_, std::ios::app) << line;
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  EXPECT_EQ(log->Head(), head);
}

TEST_F(AuditTest, CoversALogThatAnOlderVersionWrote) {
  std::ofstream(path_) << "{\"event\":\"old\"}\n{\"event\":\"older\"}\n";
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->Append(record_), IsOk());
  EXPECT_EQ(FaultOf(Text()), "");
  std::string changed = Text();
  changed.replace(changed.find("older"), 5, "newer");
  EXPECT_EQ(FaultOf(changed), "EDITED");
}

TEST_F(AuditTest, HasOneWriter) {
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  EXPECT_THAT(FileAuditLog::Open(path_.string()), FailsWith(absl::StatusCode::kFailedPrecondition, "AUDIT_IN_USE"));
  log.reset();
  EXPECT_THAT(FileAuditLog::Open(path_.string()), IsOk());
}

TEST_F(AuditTest, WritesNoLineThatIsTooLongToBeOne) {
  const std::string text(1 << 20, '\x01');
  record_ = {record_.time, text, text, text, text, text, text, text, text};
  ASSERT_OK_AND_ASSIGN(auto log, FileAuditLog::Open(path_.string()));
  ASSERT_THAT(log->Append(record_), IsOk());
  EXPECT_LE(Text().size(), kMostAuditLineBytes);
  EXPECT_EQ(FaultOf(Text()), "");
}

}  // namespace
}  // namespace lumbar
