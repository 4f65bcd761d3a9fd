// What happened in a run: every call and its answer, every fault, every event, the audit log and the final tables. One
// JSON object per line, its kind in "type"; everything that checks a run starts from this and from nothing else.
#pragma once

#include <absl/status/statusor.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <istream>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace lumbar::chaos {

// Since 1970 UTC, by the one clock of the machine that everything runs on.
using Micros = int64_t;
inline constexpr Micros kNever = std::numeric_limits<int64_t>::max();
inline constexpr Micros kTick = 300'000'000;

// A kind of visit: its length and its buffers in ticks, and every begin that the run asks for.
struct VisitKind {
  std::string clinician;
  std::string code;
  int64_t length = 0;
  int64_t before = 0;
  int64_t after = 0;
  std::vector<Micros> starts;
};

struct Config {
  std::string engine;
  int64_t seed = 0;
  int live_holds = 5;
  std::vector<VisitKind> kinds;
};

// A hold or an appointment as an answer, a row or an event shows it.
struct Visit {
  std::string name;
  std::string patient;
  std::string clinician;
  std::string kind;
  std::string state;
  Micros start = 0;
  Micros end = 0;
  // Of a hold.
  Micros expire = 0;
  std::string appointment = {};
  // Of an appointment; 0: it is a hold.
  int64_t version = 0;
  // Of every byte of it.
  std::string digest = {};

  bool operator==(const Visit&) const = default;
};

// One call on its way: a try of the request that `key` names.
struct Invocation {
  int64_t op = 0;
  int client = 0;
  std::string method;
  std::string caller;
  std::string key;
  std::string trace;
  Micros at = 0;
  // The body, as far as the method has it.
  std::string name;
  std::string patient;
  std::string clinician;
  std::string kind;
  std::string etag;
  Micros start = 0;
  Micros from = 0;
  Micros until = 0;
  // Sent on purpose under the key of another body.
  bool other_body = false;
};

// "ok": answered; "fail": refused, so that this try did nothing; "info": nobody knows what it did.
struct Return {
  int64_t op = 0;
  std::string outcome = "info";
  Micros at = kNever;
  std::string code = {};
  std::string reason = {};
  std::vector<Visit> visits = {};
  // Of SearchSlots: the free begins.
  std::vector<Micros> slots = {};
  // Whether there are more pages.
  bool more = false;
};

struct Attempt {
  Invocation call;
  Return result;
  bool ok() const { return result.outcome == "ok"; }
  bool failed() const { return result.outcome == "fail"; }
};

// A kill or a cut, from the moment before it until everything was well again.
struct Fault {
  std::string what;
  std::string target;
  Micros at = 0;
  Micros until = 0;
};

// A delivery as the sink saw it; `taken`: it said OK.
struct Event {
  std::string id;
  Micros at = 0;
  bool taken = false;
  Visit visit;
};

struct AuditLine {
  std::string event;
  std::string method;
  std::string subject;
  std::string code;
  std::string reason;
  std::string resource;
  std::string trace;
};

// Rows of the final tables.
struct TickRow {
  std::string clinician;
  int64_t tick = 0;
  std::string owner;
  // 0: for good.
  Micros expire = 0;
};
struct KeyRow {
  std::string caller;
  std::string method;
  std::string key;
  Micros created = 0;
  Visit visit;
};
struct OutboxRow {
  std::string id;
  std::string given_up;
  Visit visit;
};

struct History {
  Config config;
  // By op.
  std::map<int64_t, Attempt> attempts;
  std::vector<Fault> faults;
  std::vector<Event> events;
  std::vector<AuditLine> audit;
  // When the tables were read; 0: they weren't.
  Micros final_at = 0;
  std::vector<Visit> holds;
  std::vector<Visit> appointments;
  std::vector<TickRow> ticks;
  std::vector<KeyRow> keys;
  std::vector<OutboxRow> outbox;
};

// Each kind of line: LineOf(Fault{...}) is {"type":"fault", ...}.
nlohmann::json LineOf(const Config& config);
nlohmann::json LineOf(const Invocation& call);
nlohmann::json LineOf(const Return& result);
nlohmann::json LineOf(const Fault& fault);
nlohmann::json LineOf(const Event& event);
nlohmann::json LineOf(const AuditLine& line);
nlohmann::json LineOf(const TickRow& row);
nlohmann::json LineOf(const KeyRow& row);
nlohmann::json LineOf(const OutboxRow& row);
nlohmann::json HoldLine(const Visit& row);
nlohmann::json AppointmentLine(const Visit& row);
nlohmann::json FinalLine(Micros at);

// INVALID_ARGUMENT: a line isn't one of these, or returns what was never called; says which.
absl::StatusOr<History> ReadHistory(std::istream& in);

}  // namespace lumbar::chaos
