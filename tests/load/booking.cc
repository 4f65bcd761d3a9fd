// What tests/load/booking_bench runs: clients of a running lumbar-booking, booking's stores without the wire, and the
// least that SQLite must do for as many bookings.
#include <CLI/CLI.hpp>

#include <iostream>

#include "tests/load/booking_raw.h"
#include "tests/load/booking_served.h"
#include "tests/load/booking_store.h"

namespace lumbar::load {
namespace {

int Print(int64_t bookings, double seconds) {
  std::cout << "{\"booked\":" << bookings << ",\"seconds\":" << seconds << "}\n";
  return 0;
}

CLI::App* Served(CLI::App& app, const std::string& name, const std::string& meaning, ServedRun& run) {
  auto* const command = app.add_subcommand(name, meaning);
  command->add_option("--target", run.target, "HOST:PORT")->required();
  command->add_option("--token", run.token, "bearer token")->envname("LUMBAR_TOKEN");
  command->add_option("--key-file", run.key_file, "triage's private key");
  command->add_option("--first", run.first, "number of the first slot");
  command->add_option("--bookings", run.bookings, "how many");
  command->add_option("--in-flight", run.in_flight, "how many at a time")->check(CLI::Range(1, 1024));
  return command;
}

int Main(int argc, char** argv) {
  CLI::App app{"Books visits, over the wire and without it"};
  app.require_subcommand(1);
  ServedRun served;
  const auto* const clinicians = Served(app, "clinicians", "adds those who are booked", served);
  const auto* const book = Served(app, "served", "holds and confirms", served);
  const auto* const hot = Served(app, "hot", "all want one slot", served);
  const auto* const replay = Served(app, "replay", "one hold and one confirmation over and over", served);
  const auto* const latency = Served(app, "latency", "one call after the other of four methods", served);
  StoreRun store;
  auto* const alone = app.add_subcommand("store", "the same through booking's stores in this process");
  alone->add_option("--database", store.database, "as that of lumbar-booking")->required();
  alone->add_option("--first", store.first, "number of the first slot");
  alone->add_option("--bookings", store.bookings, "how many");
  alone->add_option("--threads", store.threads, "how many at a time")->check(CLI::Range(1, 1024));
  RawRun raw;
  auto* const least = app.add_subcommand("raw", "the same rows through SQLite's own interface");
  least->add_option("--database", raw.database, "file")->required();
  least->add_option("--like", raw.like, "database of booking's with at least one booking")->required();
  least->add_option("--first", raw.first, "number of the first slot");
  least->add_option("--bookings", raw.bookings, "how many");
  least->add_option("--threads", raw.threads, "how many at a time")->check(CLI::Range(1, 1024));
  RawRun past;
  auto* const fill = app.add_subcommand("fill", "adds appointments of the past to a SQLite file of booking's");
  fill->add_option("--database", past.database, "file")->required();
  fill->add_option("--appointments", past.bookings, "how many");
  std::string folder;
  auto* const disk = app.add_subcommand("disk", "appends and syncs for a second");
  disk->add_option("--folder", folder, "where")->required();
  CLI11_PARSE(app, argc, argv);
  if (clinicians->parsed()) return AddClinicians(served);
  if (book->parsed()) return BookServed(served);
  if (hot->parsed()) return BookHotSlot(served);
  if (replay->parsed()) return Replay(served);
  if (latency->parsed()) return MeasureLatency(served);
  if (fill->parsed()) return FillPast(past.database, past.bookings), 0;
  if (alone->parsed()) return Print(store.bookings, BookInProcess(store));
  if (least->parsed()) return Print(raw.bookings, BookRaw(raw));
  std::cout << "{\"syncsPerSecond\":" << SyncsPerSecond(folder) << "}\n";
  return 0;
}

}  // namespace
}  // namespace lumbar::load

int main(int argc, char** argv) { return lumbar::load::Main(argc, argv); }
