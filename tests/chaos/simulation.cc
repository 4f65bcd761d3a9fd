#include "tests/chaos/simulation.h"

#include <absl/strings/str_cat.h>

#include <functional>
#include <queue>
#include <random>
#include <set>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

constexpr Micros kBegin = 1'800'000'000'000'000;
constexpr Micros kMilli = 1000;
constexpr Micros kHoldLifetime = 3000 * kMilli;
constexpr int kClients = 12;
constexpr int kPatients = 60;
constexpr int kSlots = 16;

std::string NameOf(const char* collection, int64_t number) {
  return absl::StrCat(collection, "/00000000-0000-4000-8000-", absl::Dec(number, absl::kZeroPad12));
}

class Simulation {
 public:
  Simulation(uint64_t seed, int operations) : random_(seed), left_(operations) {
    history_.config = {"memory", static_cast<int64_t>(seed), 5, {}};
    for (const char* clinician : {"clinicians/a", "clinicians/b"}) {
      history_.config.kinds.push_back({clinician, "short", 3, 0, 1, Starts(4)});
      history_.config.kinds.push_back({clinician, "long", 6, 1, 2, Starts(9)});
    }
  }

  History Run() {
    for (int client = 0; client < kClients; ++client) At(Draw(5) * kMilli, [this, client] { Begin(client); });
    while (!due_.empty()) {
      const Due next = due_.top();
      due_.pop();
      now_ = next.at;
      next.act();
    }
    Finish();
    return std::move(history_);
  }

 private:
  struct Due {
    Micros at;
    int64_t number;
    std::function<void()> act;
    bool operator<(const Due& other) const { return std::tie(at, number) > std::tie(other.at, other.number); }
  };
  struct Owner {
    std::string name;
    Micros expire;
  };

  static std::vector<Micros> Starts(int64_t step) {
    std::vector<Micros> starts;
    for (int64_t slot = 0; slot < kSlots; ++slot) starts.push_back((kBegin / kTick + 2000 + slot * step) * kTick);
    return starts;
  }

  int64_t Draw(int64_t below) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(below)); }
  template <typename T>
  const T& Any(const std::vector<T>& list) {
    return list[static_cast<size_t>(Draw(static_cast<int64_t>(list.size())))];
  }
  void At(Micros delay, std::function<void()> act) { due_.push({now_ + delay, ++numbers_, std::move(act)}); }

  void Begin(int client) {
    if (left_-- <= 0) return;
    Invocation call = Choose(client);
    call.client = client;
    Send(std::move(call));
  }

  Invocation Fresh(int client, const char* method) {
    Invocation call;
    call.method = method;
    call.caller = absl::StrCat("services/", client);
    call.key = absl::StrCat("key-", ++numbers_);
    return call;
  }

  void Aim(Invocation& call, const std::string& code) {
    const VisitKind& kind = Any(history_.config.kinds);
    call.clinician = kind.clinician;
    call.kind = code.empty() ? kind.code : code;
    for (const VisitKind& other : history_.config.kinds) {
      if (other.clinician == call.clinician && other.code == call.kind) call.start = Any(other.starts);
    }
  }

  Invocation Choose(int client) {
    const int64_t draw = Draw(100);
    if (draw < 12 && !answered_.empty()) {
      Invocation call = Any(answered_);
      call.other_body = draw < 4 && call.method == "CreateHold";
      if (call.other_body) call.patient = "patients/another";
      return call;
    }
    if (draw < 40 || known_holds_.empty()) {
      Invocation call = Fresh(client, "CreateHold");
      call.patient = absl::StrCat("patients/", Draw(kPatients));
      Aim(call, "");
      return call;
    }
    if (draw < 62) {
      Invocation call = Fresh(client, draw < 56 ? "ConfirmHold" : "ReleaseHold");
      const size_t recent = std::min<size_t>(known_holds_.size(), 12);
      call.name = known_holds_[known_holds_.size() - 1 - static_cast<size_t>(Draw(static_cast<int64_t>(recent)))];
      return call;
    }
    if (draw < 78 && !known_appointments_.empty()) return Change(client, draw < 70);
    return Read(client, draw);
  }

  Invocation Change(int client, bool cancel) {
    Invocation call = Fresh(client, cancel ? "CancelAppointment" : "RescheduleAppointment");
    call.name = Any(known_appointments_);
    if (Draw(3) == 0) call.etag = absl::StrCat("v", Draw(2) + 1);
    if (!cancel) {
      Aim(call, appointments_.at(call.name).kind);
      call.kind.clear();
    }
    return call;
  }

  Invocation Read(int client, int64_t draw) {
    Invocation call;
    call.caller = absl::StrCat("services/", client);
    if (draw < 86 && !known_appointments_.empty()) {
      call.method = "GetAppointment";
      call.name = Any(known_appointments_);
    } else if (draw < 93) {
      call.method = "ListAppointments";
      (draw % 2 == 0 ? call.patient : call.clinician) =
          draw % 2 == 0 ? absl::StrCat("patients/", Draw(kPatients)) : Any(history_.config.kinds).clinician;
    } else {
      call.method = "SearchSlots";
      const VisitKind& kind = Any(history_.config.kinds);
      call.clinician = kind.clinician, call.kind = kind.code, call.from = kind.starts.front(),
      call.until = kind.starts.back();
    }
    return call;
  }

  void Send(Invocation call) {
    call.op = ++ops_;
    call.trace = absl::StrCat("trace-", call.op);
    call.at = now_;
    Attempt& attempt = history_.attempts[call.op];
    attempt.call = call;
    attempt.result.op = call.op;
    const int64_t luck = Draw(100);
    if (luck < 4) return At(400 * kMilli, [this, op = call.op] { Lose(op); });
    At(kMilli + Draw(20 * kMilli), [this, op = call.op, answer_lost = luck < 8] {
      Handle(op);
      At(kMilli + Draw(10 * kMilli), [this, op, answer_lost] { answer_lost ? Lose(op) : Answer(op); });
    });
  }

  // Nobody knows what became of it; the client asks again.
  void Lose(int64_t op) {
    Attempt& attempt = history_.attempts.at(op);
    attempt.result = Return{.op = op, .outcome = "info", .at = now_, .code = "UNAVAILABLE"};
    if (attempt.call.key.empty()) return Begin(attempt.call.client);
    At(20 * kMilli, [this, call = attempt.call] { Send(call); });
  }

  void Answer(int64_t op) {
    Attempt& attempt = history_.attempts.at(op);
    attempt.result.at = now_;
    if (attempt.ok() && !attempt.call.key.empty() && !attempt.call.other_body) {
      answered_.push_back(attempt.call);
      const std::string& name = attempt.result.visits.front().name;
      if (attempt.call.method == "CreateHold") known_holds_.push_back(name);
      if (attempt.call.method == "ConfirmHold") known_appointments_.push_back(name);
    }
    At(Draw(10) * kMilli, [this, client = attempt.call.client] { Begin(client); });
  }

  void Handle(int64_t op) {
    Attempt& attempt = history_.attempts.at(op);
    const Invocation& call = attempt.call;
    Return& result = attempt.result;
    if (call.key.empty()) {
      Look(call, result);
    } else {
      const std::string key = absl::StrCat(call.caller, call.method, call.key);
      const auto row = keys_.find(key);
      if (row != keys_.end()) {
        call.other_body ? Refuse(result, "REQUEST_ID_REUSED") : Say(result, row->second.visit);
      } else {
        Act(call, result);
        if (result.outcome == "ok") keys_[key] = {call.caller, call.method, call.key, now_, result.visits.front()};
      }
    }
    std::string resource = call.name;
    if (call.method == "CreateHold" && result.outcome == "ok") resource = result.visits.front().name;
    history_.audit.push_back({"event", absl::StrCat("/lumbar.booking.v1.BookingService/", call.method), call.caller,
                              result.code, result.reason, resource, call.trace});
  }

  static void Say(Return& result, const Visit& visit) {
    result.outcome = "ok", result.code = "OK";
    result.visits = {visit};
  }
  static void Refuse(Return& result, const char* reason) {
    result.outcome = "fail", result.code = "REFUSED", result.reason = reason;
  }

  Span SpanFor(const std::string& clinician, const std::string& code, Micros start) const {
    for (const VisitKind& kind : history_.config.kinds) {
      if (kind.clinician == clinician && kind.code == code) return SpanOf(kind, start);
    }
    return {0, -1};
  }
  bool IsFree(const std::string& clinician, Span span, const std::string& but_of) const {
    for (int64_t tick = span.first; tick <= span.last; ++tick) {
      const auto owner = ticks_.find({clinician, tick});
      if (owner != ticks_.end() && owner->second.expire > now_ && owner->second.name != but_of) return false;
    }
    return true;
  }
  void Own(const std::string& clinician, Span span, const std::string& name, Micros expire) {
    for (int64_t tick = span.first; tick <= span.last; ++tick) ticks_[{clinician, tick}] = {name, expire};
  }
  void Free(const std::string& name) {
    std::erase_if(ticks_, [&](const auto& tick) { return tick.second.name == name; });
  }
  Visit Stamped(Visit visit) {
    visit.digest = absl::StrCat("digest-", ++numbers_);
    return visit;
  }

  void Act(const Invocation& call, Return& result) {
    if (call.method == "CreateHold") return Hold(call, result);
    if (call.method == "ConfirmHold") return Confirm(call, result);
    if (call.method == "ReleaseHold") return Release(call, result);
    Step(call, result);
  }

  void Hold(const Invocation& call, Return& result) {
    int live = 0;
    for (const auto& [name, hold] : holds_)
      live += hold.patient == call.patient && hold.state == "ACTIVE" && hold.expire > now_ ? 1 : 0;
    if (live >= 5) return Refuse(result, "TOO_MANY_HOLDS");
    const Span span = SpanFor(call.clinician, call.kind, call.start);
    if (!IsFree(call.clinician, span, "")) return Refuse(result, "SLOT_TAKEN");
    Visit hold{.name = NameOf("holds", ++numbers_),
               .patient = call.patient,
               .clinician = call.clinician,
               .kind = call.kind,
               .state = "ACTIVE"};
    hold.start = call.start, hold.end = call.start + LengthOf(call.kind) * kTick, hold.expire = now_ + kHoldLifetime;
    hold = Stamped(hold);
    Own(call.clinician, span, hold.name, hold.expire);
    holds_[hold.name] = hold;
    Say(result, hold);
  }
  static int64_t LengthOf(const std::string& code) { return code == "short" ? 3 : 6; }

  void Confirm(const Invocation& call, Return& result) {
    Visit& hold = holds_.at(call.name);
    if (hold.state == "CONFIRMED") return Refuse(result, "HOLD_CONFIRMED");
    if (hold.state == "RELEASED") return Refuse(result, "HOLD_RELEASED");
    if (hold.expire <= now_ || hold.state == "EXPIRED") return Refuse(result, "HOLD_EXPIRED");
    Visit visit{.name = NameOf("appointments", ++numbers_),
                .patient = hold.patient,
                .clinician = hold.clinician,
                .kind = hold.kind,
                .state = "BOOKED"};
    visit.start = hold.start, visit.end = hold.end;
    visit.version = 1;
    visit = Stamped(visit);
    hold.state = "CONFIRMED", hold.appointment = visit.name;
    Own(hold.clinician, SpanFor(hold.clinician, hold.kind, hold.start), visit.name, kNever);
    Save(visit, result);
  }

  void Release(const Invocation& call, Return& result) {
    Visit& hold = holds_.at(call.name);
    if (hold.state == "CONFIRMED") return Refuse(result, "HOLD_CONFIRMED");
    if (hold.state == "ACTIVE") hold.state = hold.expire <= now_ ? "EXPIRED" : "RELEASED", Free(hold.name);
    hold = Stamped(hold);
    Say(result, hold);
  }

  void Step(const Invocation& call, Return& result) {
    Visit visit = appointments_.at(call.name);
    if (visit.state != "BOOKED") return Refuse(result, "NOT_BOOKED");
    if (!call.etag.empty() && call.etag != absl::StrCat("v", visit.version)) return Refuse(result, "ETAG_MISMATCH");
    if (call.method == "CancelAppointment") {
      visit.state = "CANCELLED";
      Free(visit.name);
    } else {
      const Span span = SpanFor(call.clinician, visit.kind, call.start);
      if (!IsFree(call.clinician, span, visit.name)) return Refuse(result, "SLOT_TAKEN");
      Free(visit.name);
      Own(call.clinician, span, visit.name, kNever);
      visit.end = call.start + visit.end - visit.start, visit.start = call.start, visit.clinician = call.clinician;
    }
    ++visit.version;
    Save(Stamped(visit), result);
  }

  void Save(const Visit& visit, Return& result) {
    appointments_[visit.name] = visit;
    Say(result, visit);
    Micros& told = told_[visit.name];
    told = std::max(now_ + kMilli + Draw(50 * kMilli), told + kMilli);
    At(told - now_, [this, visit, id = absl::StrCat("event-", ++numbers_)] {
      history_.events.push_back({id, now_, true, visit});
    });
  }

  void Look(const Invocation& call, Return& result) {
    result.outcome = "ok", result.code = "OK";
    if (call.method == "GetAppointment") result.visits = {appointments_.at(call.name)};
    if (call.method == "ListAppointments") {
      for (const auto& [name, visit] : appointments_) {
        if (visit.patient == call.patient || visit.clinician == call.clinician) result.visits.push_back(visit);
      }
    }
    if (call.method != "SearchSlots") return;
    for (const VisitKind& kind : history_.config.kinds) {
      if (kind.clinician != call.clinician || kind.code != call.kind) continue;
      for (const Micros start : kind.starts) {
        if (IsFree(kind.clinician, SpanOf(kind, start), "")) result.slots.push_back(start);
      }
    }
  }

  void Finish() {
    history_.faults.push_back({"kill", "booking", kBegin - 2, kBegin - 1});
    history_.final_at = now_ + 1;
    for (const auto& [name, visit] : holds_) history_.holds.push_back(visit);
    for (const auto& [name, visit] : appointments_) history_.appointments.push_back(visit);
    for (const auto& [place, owner] : ticks_)
      history_.ticks.push_back({place.first, place.second, owner.name, owner.expire == kNever ? 0 : owner.expire});
    for (const auto& [key, row] : keys_) history_.keys.push_back(row);
  }

  std::mt19937_64 random_;
  int left_;
  Micros now_ = kBegin;
  int64_t numbers_ = 0;
  int64_t ops_ = 0;
  History history_;
  std::priority_queue<Due> due_;
  std::map<std::pair<std::string, int64_t>, Owner> ticks_;
  std::map<std::string, Visit> holds_;
  std::map<std::string, Visit> appointments_;
  std::map<std::string, KeyRow> keys_;
  std::map<std::string, Micros> told_;
  std::vector<std::string> known_holds_;
  std::vector<std::string> known_appointments_;
  std::vector<Invocation> answered_;
};

}  // namespace

History Simulate(uint64_t seed, int operations) { return Simulation(seed, operations).Run(); }

}  // namespace lumbar::chaos
