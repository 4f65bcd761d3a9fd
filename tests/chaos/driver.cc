// The clients of a run and the sink of its events, or its end: two commands that write one history file.
#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include <iostream>

#include "common/rpc/client.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "lumbar/booking/v1/clinician_service.grpc.pb.h"
#include "tests/chaos/callers.h"
#include "tests/chaos/final_state.h"
#include "tests/chaos/sink.h"
#include "tests/chaos/world.h"

namespace lumbar::chaos {
namespace {

struct Flags {
  std::string history;
  std::string engine;
  std::string keys;
  std::string sink;
  std::vector<std::string> targets;
  int64_t seconds = 60;
  int clients = 32;
  uint64_t seed = 1;
  std::string database;
  std::vector<std::string> audit_files;
};

absl::Status AddClinicians(const World& world, const std::string& target) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string token, world.Token("staff/chaos", "staff"));
  const std::unique_ptr<booking::v1::ClinicianService::StubInterface> stub =
      booking::v1::ClinicianService::NewStub(rpc::MakeChannel(target));
  for (const auto& request : world.Clinicians()) {
    const rpc::CallOptions options{absl::Now() + absl::Seconds(10), NewTrace(), token};
    LUMBAR_RETURN_IF_ERROR(
        rpc::Call(*stub, &booking::v1::ClinicianService::StubInterface::CreateClinician, request, options).status());
  }
  return absl::OkStatus();
}

void PrintProgress(const Callers& callers) {
  const Counts& counts = callers.counts();
  std::cout << nlohmann::json{{"calls", counts.calls.load()},
                              {"answered", counts.answered.load()},
                              {"unknown", counts.unknown.load()}}
            << std::endl;
}

absl::Status Drive(const Flags& flags) {
  LUMBAR_ASSIGN_OR_RETURN(const World world, World::Make(flags.keys, flags.engine, static_cast<int64_t>(flags.seed)));
  Recorder recorder(flags.history);
  recorder.Write(LineOf(world.config()));
  Sink sink(recorder, flags.seed);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(flags.sink, grpc::InsecureServerCredentials());
  builder.RegisterService(&sink);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return absl::UnavailableError("can't listen on " + flags.sink);
  LUMBAR_RETURN_IF_ERROR(AddClinicians(world, flags.targets.front()));

  Callers callers(world, recorder, {flags.targets, flags.clients, flags.seed, absl::Seconds(flags.seconds)});
  LUMBAR_RETURN_IF_ERROR(callers.Start());
  std::cout << "{\"started\":true}" << std::endl;
  while (!callers.WaitFor(absl::Seconds(1))) PrintProgress(callers);
  PrintProgress(callers);
  std::cout << "{\"ended\":true}" << std::endl;
  // The sink goes on until whoever started this has seen every event delivered.
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  server->Shutdown();
  return recorder.good() ? absl::OkStatus() : absl::UnavailableError("can't write " + flags.history);
}

absl::Status Conclude(const Flags& flags) {
  Recorder recorder(flags.history);
  LUMBAR_RETURN_IF_ERROR(RecordTables(flags.database, recorder));
  LUMBAR_RETURN_IF_ERROR(RecordAudit(flags.audit_files, recorder));
  return recorder.good() ? absl::OkStatus() : absl::UnavailableError("can't write " + flags.history);
}

int Main(int argc, char** argv) {
  CLI::App app{"Drives booking, and writes down everything that is asked and answered"};
  Flags flags;
  app.add_option("--history", flags.history, "the file to append to")->required();
  app.require_subcommand(1);
  auto* const drive = app.add_subcommand("drive", "runs clients and the sink of events until its input ends");
  drive->add_option("--engine", flags.engine, "sqlite or postgresql")->required();
  drive->add_option("--keys", flags.keys, "folder with issuer.pem and triage.pem")->required();
  drive->add_option("--sink", flags.sink, "HOST:PORT where booking's events are taken")->required();
  drive->add_option("--target", flags.targets, "HOST:PORT of a replica of booking; any number")->required();
  drive->add_option("--seconds", flags.seconds, "how long")->check(CLI::Range(1, 7200));
  drive->add_option("--clients", flags.clients, "how many at a time")->check(CLI::Range(1, 256));
  drive->add_option("--seed", flags.seed, "of what is chosen");
  auto* const conclude = app.add_subcommand("conclude", "writes down the final tables and the audit logs");
  conclude->add_option("--database", flags.database, "booking's")->required();
  conclude->add_option("--audit-file", flags.audit_files, "booking's; any number")->required();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = drive->parsed() ? Drive(flags) : Conclude(flags);
  if (status.ok()) return 0;
  std::cerr << "chaos driver: " << status.message() << " " << ReasonOf(status) << "\n";
  return 1;
}

}  // namespace
}  // namespace lumbar::chaos

int main(int argc, char** argv) { return lumbar::chaos::Main(argc, argv); }
