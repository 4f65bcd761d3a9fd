// Every answer that a client got is one line of the audit log that says the same, and no line is about a call that
// nobody made.
#include <absl/strings/str_cat.h>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

// Shed calls are counted and not audited.
bool IsFromTheHandler(const Return& result) {
  return result.outcome == "ok" || (!result.reason.empty() && result.reason != "OVERLOADED");
}

std::string ResourceOf(const Attempt& attempt) {
  if (!attempt.call.name.empty()) return attempt.call.name;
  return attempt.call.method == "CreateHold" && attempt.ok() ? attempt.result.visits.front().name : "";
}

bool Agrees(const AuditLine& line, const Attempt& attempt) {
  return line.method == absl::StrCat("/lumbar.booking.v1.BookingService/", attempt.call.method) &&
         line.subject == attempt.call.caller && line.code == attempt.result.code &&
         line.reason == attempt.result.reason && line.resource == ResourceOf(attempt);
}

}  // namespace

void CheckAudit(const Model& model, Findings& findings) {
  absl::flat_hash_map<std::string, const Attempt*> attempts;
  for (const auto& [op, attempt] : model.history->attempts) attempts[attempt.call.trace] = &attempt;
  absl::flat_hash_map<std::string, const AuditLine*> lines;
  for (const AuditLine& line : model.history->audit) {
    findings.Count("audit_lines");
    const auto attempt = attempts.find(line.trace);
    if (attempt == attempts.end()) {
      findings.Add("audit", absl::StrCat("a line about a call that nobody made: ", line.method, " trace ", line.trace));
    } else if (!lines.emplace(line.trace, &line).second) {
      findings.Add("audit", absl::StrCat("two lines about one call: ", Describe(*attempt->second)));
    } else if (IsFromTheHandler(attempt->second->result) && !Agrees(line, *attempt->second)) {
      findings.Add("audit", absl::StrCat("the line says ", line.code, "/", line.reason, " ", line.resource, ": ",
                                         Describe(*attempt->second)));
    }
  }
  for (const auto& [trace, attempt] : attempts) {
    if (IsFromTheHandler(attempt->result) && !lines.contains(trace))
      findings.Add("audit", absl::StrCat("no line about ", Describe(*attempt)));
  }
  // A process that dies between the commit and the line leaves none; only a repeat writes one.
  for (const auto& [key, story] : model.keys) {
    bool written = story.effect < 0;
    for (const Attempt* attempt : story.own) {
      const auto line = lines.find(attempt->call.trace);
      written = written || (line != lines.end() && line->second->code == "OK");
    }
    if (!written) findings.Count("changes_without_audit_line");
  }
}

}  // namespace lumbar::chaos
