#include "common/telemetry/audit_verifier.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/digest/sha256.h"

namespace lumbar {
namespace {

AuditVerdict VerdictOf(absl::string_view log, std::vector<AuditHead> published = {}, const AuditHead& after = {}) {
  AuditVerifier verifier(after, std::move(published));
  verifier.Read(log);
  return verifier.Finish();
}

// Seven lines of a log, the fourth of them torn.
struct Sample {
  Sample() {
    for (const char* event : {"hold.create", "hold.confirm", "article.get"}) Write(event);
    const std::string torn = "{\"sequence\":4,\"time\":\"2026-\n";
    Sha256Stream link = LinkAfter(head);
    link.Add(torn);
    text += torn;
    head = AppendSealed(4, link, absl::StrCat("\"torn_bytes\":", torn.size(), ",\"event\":\"audit.resumed\""), text);
    for (const char* event : {"consult.get", "consult.list"}) Write(event);
  }
  void Write(absl::string_view event) {
    head = AppendSealed(head.sequence + 1, LinkAfter(head), absl::StrCat("\"event\":\"", event, "\""), text);
  }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines = absl::StrSplit(text, absl::ByString("\n"));
    lines.pop_back();
    for (auto& line : lines) line += "\n";
    return lines;
  }

  std::string text;
  AuditHead head;
};

TEST(AuditVerifierTest, FindsNothingInWhatWasWritten) {
  const Sample sample;
  const AuditVerdict verdict = VerdictOf(sample.text, {sample.head});
  EXPECT_FALSE(verdict.fault);
  EXPECT_EQ(verdict.lines, 6);
  EXPECT_EQ(ToText(verdict.head), ToText(sample.head));
  EXPECT_FALSE(VerdictOf("").fault);
}

TEST(AuditVerifierTest, HashesAsItsFormatSaysSoThatOthersCanCheckIt) {
  std::string line;
  AppendSealed(1, LinkAfter({}), "\"a\":\"b\"", line);
  const std::string hashed = std::string(64, '0') + R"({"sequence":1,"a":"b")";
  EXPECT_EQ(line, absl::StrCat(R"({"sequence":1,"a":"b","hash":")", absl::BytesToHexString(Sha256(hashed)), "\"}\n"));
}

TEST(AuditVerifierTest, ReadsPiecesOfAnySize) {
  const Sample sample;
  for (size_t size = 1; size < 400; size += 7) {
    AuditVerifier verifier({}, {sample.head});
    for (size_t at = 0; at < sample.text.size(); at += size) {
      verifier.Read(absl::string_view(sample.text).substr(at, size));
    }
    EXPECT_FALSE(verifier.Finish().fault) << "in pieces of " << size;
  }
}

TEST(AuditVerifierTest, FindsEveryChangedByte) {
  const Sample sample;
  for (size_t at = 0; at < sample.text.size(); ++at) {
    for (const char other : {'\n', '0', '"', 'a', '\0', static_cast<char>(sample.text[at] ^ 1)}) {
      std::string changed = sample.text;
      changed[at] = other;
      if (changed == sample.text) continue;
      ASSERT_TRUE(VerdictOf(changed, {sample.head}).fault) << at << " to " << int{other};
    }
  }
}

TEST(AuditVerifierTest, FindsEveryByteThatIsGoneOrPutIn) {
  const Sample sample;
  for (size_t at = 0; at <= sample.text.size(); ++at) {
    if (at < sample.text.size()) {
      std::string less = sample.text;
      ASSERT_TRUE(VerdictOf(less.erase(at, 1), {sample.head}).fault) << at;
    }
    for (const char more : {'\n', '0', '"', ' '}) {
      std::string changed = sample.text;
      changed.insert(at, 1, more);
      ASSERT_TRUE(VerdictOf(changed, {sample.head}).fault) << at << " put in " << int{more};
    }
  }
}

TEST(AuditVerifierTest, FindsEveryEndThatIsGone) {
  const Sample sample;
  for (size_t size = 0; size < sample.text.size(); ++size) {
    ASSERT_TRUE(VerdictOf(sample.text.substr(0, size), {sample.head}).fault) << size;
  }
}

TEST(AuditVerifierTest, FindsEveryLineThatIsGoneMovedOrPutInTwice) {
  const Sample sample;
  const auto lines = sample.Lines();
  for (size_t from = 0; from < lines.size(); ++from) {
    for (size_t to = from + 1; to <= lines.size(); ++to) {
      auto less = lines;
      less.erase(less.begin() + static_cast<int>(from), less.begin() + static_cast<int>(to));
      EXPECT_TRUE(VerdictOf(absl::StrJoin(less, ""), {sample.head}).fault) << from << " to " << to << " gone";
      if (to == lines.size()) continue;
      auto swapped = lines;
      std::swap(swapped[from], swapped[to]);
      EXPECT_TRUE(VerdictOf(absl::StrJoin(swapped, ""), {sample.head}).fault) << from << " and " << to << " swapped";
    }
    for (size_t to = 0; to <= lines.size(); ++to) {
      auto more = lines;
      more.insert(more.begin() + static_cast<int>(to), lines[from]);
      EXPECT_TRUE(VerdictOf(absl::StrJoin(more, ""), {sample.head}).fault) << from << " again at " << to;
    }
  }
}

TEST(AuditVerifierTest, SaysWhereAndHow) {
  const Sample sample;
  const auto lines = sample.Lines();
  const auto expect = [&](const std::vector<std::string>& changed, AuditFault fault, int64_t line) {
    const AuditVerdict verdict = VerdictOf(absl::StrJoin(changed, ""), {sample.head});
    ASSERT_TRUE(verdict.fault);
    EXPECT_EQ(NameOf(*verdict.fault), NameOf(fault));
    EXPECT_EQ(verdict.line, line);
  };
  auto changed = lines;
  changed[1].replace(changed[1].find("confirm"), 7, "release");
  expect(changed, AuditFault::kEdited, 2);
  changed = lines;
  changed.erase(changed.begin() + 1);
  expect(changed, AuditFault::kDeleted, 2);
  changed = lines;
  std::swap(changed[0], changed[1]);
  expect(changed, AuditFault::kReordered, 1);
  changed = lines;
  changed.insert(changed.begin() + 2, lines[0]);
  expect(changed, AuditFault::kInserted, 3);
  changed = lines;
  changed.insert(changed.begin() + 2, "{\"event\":\"forged\"}\n");
  expect(changed, AuditFault::kGarbled, 3);
  changed = lines;
  changed[3][2] = 'X';
  expect(changed, AuditFault::kEdited, 4);
  changed = lines;
  changed.pop_back();
  expect(changed, AuditFault::kTruncated, 7);
  changed.push_back(lines.back().substr(0, 30));
  expect(changed, AuditFault::kUnfinished, 7);
}

TEST(AuditVerifierTest, FindsALineThatCountsWhatWasCutShortWrongly) {
  const std::string torn = "{\"sequence\":1,\n";
  for (const size_t told : {torn.size() - 1, torn.size() + 1}) {
    std::string log = torn;
    Sha256Stream link = LinkAfter({});
    link.Add(torn);
    AppendSealed(1, std::move(link), absl::StrCat("\"torn_bytes\":", told, ",\"event\":\"audit.resumed\""), log);
    EXPECT_EQ(VerdictOf(log).fault, AuditFault::kEdited) << told;
  }
}

TEST(AuditVerifierTest, FindsALogThatWasMadeAnewByAnyHeadThatWasWrittenDown) {
  Sample first;
  const AuditHead early{3, std::string(ParseSealedLine(first.Lines()[2].substr(0, first.Lines()[2].size() - 1))->hash)};
  std::string forged;
  AuditHead head;
  for (int i = 1; i <= 9; ++i) head = AppendSealed(i, LinkAfter(head), "\"event\":\"forged\"", forged);
  EXPECT_FALSE(VerdictOf(forged).fault) << "no hash can tell";
  EXPECT_EQ(VerdictOf(forged, {early}).fault, AuditFault::kRewritten);
  EXPECT_EQ(VerdictOf(forged, {early}).line, 3);
  EXPECT_FALSE(VerdictOf(first.text, {early, first.head}).fault);
}

TEST(AuditVerifierTest, GoesOnFromALineThatIsKnown) {
  const Sample sample;
  const auto lines = sample.Lines();
  const AuditHead second{2, std::string(ParseSealedLine(lines[1].substr(0, lines[1].size() - 1))->hash)};
  const std::string rest = absl::StrJoin(lines.begin() + 2, lines.end(), "");
  EXPECT_FALSE(VerdictOf(rest, {sample.head, second}, second).fault);
  EXPECT_EQ(VerdictOf(rest, {sample.head}).fault, AuditFault::kDeleted);
  EXPECT_EQ(VerdictOf(rest, {{2, std::string(64, 'a')}}, second).fault, AuditFault::kRewritten);
}

TEST(AuditVerifierTest, KeepsNothingOfALineThatIsTooLong) {
  Sample sample;
  EXPECT_EQ(VerdictOf(absl::StrCat(sample.text, std::string(kMostAuditLineBytes, 'x'), "\n")).fault,
            AuditFault::kGarbled);
}

TEST(AuditVerifierTest, ReadsHeadsInOneFormAlone) {
  const std::string hash(64, 'a');
  ASSERT_TRUE(ParseAuditHead("12:" + hash));
  EXPECT_EQ(ToText(*ParseAuditHead("12:" + hash)), "12:" + hash);
  for (const std::string& wrong : {"0:" + hash, "012:" + hash, "-1:" + hash, "12" + hash, "12:" + hash + "a",
                                   "12:" + std::string(64, 'A'), "99999999999999999999:" + hash, hash, std::string()}) {
    EXPECT_FALSE(ParseAuditHead(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace lumbar
