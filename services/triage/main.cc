// lumbar-triage: scores how dangerous a sore back is, and explains it.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/signer.h"
#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "services/triage/domain/assessor.h"
#include "services/triage/domain/protocol_loader.h"
#include "services/triage/errors.h"
#include "services/triage/triage_service.h"

namespace lumbar::triage {
namespace {

struct Options {
  std::string protocols_dir = "services/triage/protocols";
  std::string lexicon_file = "services/triage/lexicon/low-back-pain.textproto";
  std::string assessment_key_file;
  std::string assessment_key_id = "assessments";
  int assessment_lifetime_seconds = 4 * 60 * 60;
};

void AddOptions(server::CommandLine& line, Options& options) {
  line.Text("protocols-dir", options.protocols_dir, "folder of the protocols, one folder each");
  line.Text("lexicon-file", options.lexicon_file, "words by which texts are scanned for findings");
  line.Text("assessment-key-file", options.assessment_key_file,
            "private key (PEM) that signs assessments; empty: none are signed");
  line.Text("assessment-key-id", options.assessment_key_id, "its kid in the JWKS of those who verify");
  line.Number("assessment-lifetime", options.assessment_lifetime_seconds, 60, 24 * 60 * 60,
              "seconds for which a signed assessment is accepted");
}

absl::StatusOr<std::optional<Signing>> OpenSigning(const Options& options) {
  if (options.assessment_key_file.empty()) return std::nullopt;
  LUMBAR_ASSIGN_OR_RETURN(auth::Signer signer,
                          auth::Signer::Open(options.assessment_key_file, options.assessment_key_id));
  return Signing{auth::AssessmentSigner(std::move(signer)), absl::Seconds(options.assessment_lifetime_seconds)};
}

// For the protocol that stands in where none is named.
absl::StatusOr<std::unique_ptr<TextScanner>> OpenScanner(const Options& options,
                                                         const std::vector<v1::Protocol>& protocols,
                                                         const Clock& clock) {
  const auto protocol = std::find_if(protocols.begin(), protocols.end(),
                                     [](const auto& one) { return one.name() == "protocols/low-back-pain"; });
  if (protocol == protocols.end()) return ProtocolUnreadable(options.protocols_dir, "has no low-back-pain");
  LUMBAR_ASSIGN_OR_RETURN(const v1::Lexicon lexicon, LoadLexicon(options.lexicon_file, *protocol));
  return std::make_unique<TextScanner>(lexicon, *protocol, clock);
}

absl::Status Serve(server::Host& host, const Options& options) {
  LUMBAR_ASSIGN_OR_RETURN(const auto protocols, LoadProtocols(options.protocols_dir));
  LUMBAR_ASSIGN_OR_RETURN(const auto scanner, OpenScanner(options, protocols, host.clock()));
  LUMBAR_ASSIGN_OR_RETURN(auto signing, OpenSigning(options));
  Assessor assessor(protocols, host.clock(), std::move(signing));
  LUMBAR_ASSIGN_OR_RETURN(const auto pipeline, host.MakePipeline({&Contract()}, rpc::Handlers::kNeverWait));
  return host.Serve(*pipeline, {TriageMethods(assessor, *scanner)});
}

}  // namespace
}  // namespace lumbar::triage

int main(int argc, char** argv) {
  lumbar::server::CommandLine line("Scores how dangerous a sore back is, and explains it");
  lumbar::server::Flags flags;
  flags.service = "triage";
  flags.port = 9091;
  flags.ops_port = 10091;
  flags.metrics_port = 11091;
  lumbar::triage::Options options;
  lumbar::triage::AddOptions(line, options);
  return lumbar::server::Main(argc, argv, line, flags,
                              [&](lumbar::server::Host& host) { return lumbar::triage::Serve(host, options); });
}
