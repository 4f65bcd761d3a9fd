#include "tests/chaos/checker.h"

#include "tests/chaos/model.h"

namespace lumbar::chaos {

Verdict Check(const History& history) {
  Verdict verdict;
  verdict.figures["violations"] = 0;
  Findings findings(verdict);
  findings.Count("operations", static_cast<int64_t>(history.attempts.size()));
  for (const auto& [op, attempt] : history.attempts) findings.Count(attempt.result.outcome);
  findings.Count("faults", static_cast<int64_t>(history.faults.size()));
  Model model = BuildModel(history, findings);
  CheckKeys(model, findings);
  CheckOrder(model, findings);
  CheckRefusals(model, findings);
  CheckReads(model, findings);
  CheckTables(model, findings);
  CheckEvents(model, findings);
  CheckAudit(model, findings);
  return verdict;
}

}  // namespace lumbar::chaos
