#include "tests/chaos/history.h"

#include <absl/strings/str_cat.h>

#include <functional>

namespace lumbar::chaos {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(VisitKind, clinician, code, length, before, after, starts)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Config, engine, seed, live_holds, kinds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Visit, name, patient, clinician, kind, state, start, end, expire,
                                                appointment, version, digest)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Invocation, op, client, method, caller, key, trace, at, name, patient,
                                                clinician, kind, etag, start, from, until, other_body)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Return, op, outcome, at, code, reason, visits, slots, more)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Fault, what, target, at, until)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Event, id, at, taken, visit)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(AuditLine, event, method, subject, code, reason, resource, trace)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TickRow, clinician, tick, owner, expire)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(KeyRow, caller, method, key, created, visit)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(OutboxRow, id, given_up, visit)

namespace {

json Typed(const char* type, json line) {
  line["type"] = type;
  return line;
}

void AddReturn(History& history, const json& line) {
  Return result = line.get<Return>();
  history.attempts.at(result.op).result = std::move(result);
}

void AddCall(History& history, const json& line) {
  Invocation call = line.get<Invocation>();
  const int64_t op = call.op;
  history.attempts[op].call = std::move(call);
}

using Reader = std::function<void(History&, const json&)>;

template <typename T>
Reader Into(std::vector<T> History::*list) {
  return [list](History& history, const json& line) { (history.*list).push_back(line.get<T>()); };
}

const std::map<std::string, Reader>& Readers() {
  static const auto* const readers = new std::map<std::string, Reader>{
      {"config", [](History& history, const json& line) { history.config = line.get<Config>(); }},
      {"invoke", AddCall},
      {"return", AddReturn},
      {"fault", Into(&History::faults)},
      {"event", Into(&History::events)},
      {"audit", Into(&History::audit)},
      {"final", [](History& history, const json& line) { history.final_at = line.at("at").get<Micros>(); }},
      {"hold", Into(&History::holds)},
      {"appointment", Into(&History::appointments)},
      {"tick", Into(&History::ticks)},
      {"key", Into(&History::keys)},
      {"outbox", Into(&History::outbox)},
  };
  return *readers;
}

}  // namespace

json LineOf(const Config& config) { return Typed("config", config); }
json LineOf(const Invocation& call) { return Typed("invoke", call); }
json LineOf(const Return& result) { return Typed("return", result); }
json LineOf(const Fault& fault) { return Typed("fault", fault); }
json LineOf(const Event& event) { return Typed("event", event); }
json LineOf(const AuditLine& line) { return Typed("audit", line); }
json LineOf(const TickRow& row) { return Typed("tick", row); }
json LineOf(const KeyRow& row) { return Typed("key", row); }
json LineOf(const OutboxRow& row) { return Typed("outbox", row); }
json HoldLine(const Visit& row) { return Typed("hold", row); }
json AppointmentLine(const Visit& row) { return Typed("appointment", row); }
json FinalLine(Micros at) { return Typed("final", {{"at", at}}); }

absl::StatusOr<History> ReadHistory(std::istream& in) {
  History history;
  std::string text;
  for (int64_t number = 1; std::getline(in, text); ++number) {
    try {
      const json line = json::parse(text);
      Readers().at(line.at("type").get<std::string>())(history, line);
    } catch (const std::exception&) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " isn't part of a history"));
    }
  }
  return history;
}

}  // namespace lumbar::chaos
