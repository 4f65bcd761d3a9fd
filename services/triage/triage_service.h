// Who calls us: the methods of triage's contract, each with the function that answers it.
#pragma once

#include "common/rpc/method_table.h"
#include "services/triage/domain/assessor.h"
#include "services/triage/domain/text_scanner.h"

namespace lumbar::triage {

inline const google::protobuf::ServiceDescriptor& Contract() {
  return *v1::AssessRequest::descriptor()->file()->FindServiceByName("TriageService");
}

inline rpc::MethodTable TriageMethods(Assessor& assessor, TextScanner& scanner) {
  return rpc::ServiceMethods(Contract(), assessor, scanner)
      .Add("Assess", &Assessor::Assess)
      .Add("NextQuestion", &Assessor::NextQuestion)
      .Add("ScanText", &TextScanner::ScanText)
      .Add("ReplayAssessment", &Assessor::ReplayAssessment)
      .Add("GetProtocol", &Assessor::GetProtocol)
      .Add("ListProtocols", &Assessor::ListProtocols);
}

}  // namespace lumbar::triage
