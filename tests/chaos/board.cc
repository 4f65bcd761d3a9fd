#include "tests/chaos/board.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/store/resource_name.h"
#include "tests/chaos/describe.h"
#include "tests/chaos/world.h"

namespace lumbar::chaos {
namespace {

using Random = std::mt19937_64;

constexpr size_t kMostRemembered = 4000;
// Above so many booked visits, calling off comes before booking.
constexpr size_t kFull = 24;
// How long an expired hold is still asked for.
constexpr Micros kStillAsked = 1'000'000;

uint64_t Draw(Random& random, uint64_t below) { return random() % below; }

template <typename T>
const T& Any(Random& random, const std::vector<T>& list) {
  return list[Draw(random, list.size())];
}

template <typename T>
void Remember(std::vector<T>& list, const T& value, Random& random) {
  if (list.size() < kMostRemembered) return list.push_back(value);
  list[Draw(random, list.size())] = value;
}

Invocation Fresh(const char* method) {
  Invocation call;
  call.method = method;
  call.key = store::NewUuid();
  return call;
}

const VisitKind& KindOf(const Config& config, const std::string& clinician, const std::string& code) {
  return *std::find_if(config.kinds.begin(), config.kinds.end(),
                       [&](const VisitKind& kind) { return kind.clinician == clinician && kind.code == code; });
}

}  // namespace

Invocation Board::Choose(Random& random) {
  const uint64_t draw = Draw(random, 100);
  MutexLock lock(mutex_);
  const Micros now = NowMicros();
  std::erase_if(holds_, [&](const Visit& hold) { return hold.expire + kStillAsked < now; });
  if (draw < 6 && !answered_.empty()) return Replay(random, draw < 2);
  if (draw < 24 && !holds_.empty()) return OnHold(random, draw < 20 ? "ConfirmHold" : "ReleaseHold");
  const uint64_t cancels = booked_.size() > kFull ? 40 : 28;
  if (draw < cancels && !booked_.empty()) return OnAppointment(random, "CancelAppointment");
  if (draw < cancels + 9 && !booked_.empty()) return OnAppointment(random, "RescheduleAppointment");
  return draw < 78 ? Create(random) : Read(random);
}

Invocation Board::Create(Random& random) const {
  Invocation call = Fresh("CreateHold");
  const VisitKind& kind = Any(random, config_.kinds);
  call.patient = World::PatientName(static_cast<int>(Draw(random, kPatients)));
  call.clinician = kind.clinician;
  call.kind = kind.code;
  call.start = Any(random, kind.starts);
  return call;
}

Invocation Board::Replay(Random& random, bool other_body) {
  Invocation call = Any(random, answered_);
  if (!other_body) return call;
  if (call.method == "CreateHold" || call.method == "RescheduleAppointment") {
    call.other_body = true;
    call.start += kTick;
  } else if (!names_.empty() && call.method == "CancelAppointment") {
    call.other_body = true;
    call.etag = "v1000000";
  }
  return call;
}

// Mostly the oldest, whose time is nearly over.
Invocation Board::OnHold(Random& random, const char* method) {
  Invocation call = Fresh(method);
  call.name = (Draw(random, 3) == 0 ? holds_.front() : Any(random, holds_)).name;
  return call;
}

Invocation Board::OnAppointment(Random& random, const char* method) {
  Invocation call = Fresh(method);
  const Visit& visit = Any(random, booked_);
  call.name = visit.name;
  if (Draw(random, 4) == 0) call.etag = absl::StrCat("v", visit.version);
  if (call.method == "CancelAppointment") return call;
  const bool stays = Draw(random, 2) == 0;
  const std::string clinician = stays ? visit.clinician : Any(random, config_.kinds).clinician;
  if (!stays) call.clinician = clinician;
  call.start = Any(random, KindOf(config_, clinician, visit.kind).starts);
  return call;
}

Invocation Board::Read(Random& random) {
  Invocation call;
  const uint64_t draw = Draw(random, 22);
  if (draw < 12 && !names_.empty()) {
    call.method = "GetAppointment";
    call.name = booked_.empty() || draw < 3 ? Any(random, names_) : Any(random, booked_).name;
  } else if (draw < 18) {
    call.method = "ListAppointments";
    if (draw == 17) {
      call.clinician = Any(random, config_.kinds).clinician;
    } else {
      call.patient = World::PatientName(static_cast<int>(Draw(random, kPatients)));
    }
  } else {
    call.method = "SearchSlots";
    const VisitKind& kind = Any(random, config_.kinds);
    call.clinician = kind.clinician;
    call.kind = kind.code;
    call.from = kind.starts.front();
    call.until = kind.starts.back();
  }
  return call;
}

void Board::Publish(const Invocation& call, const Return& result) {
  if (result.outcome == "info" || call.other_body) return;
  MutexLock lock(mutex_);
  const auto forget = [&](std::vector<Visit>& list, const std::string& name) {
    std::erase_if(list, [&](const Visit& visit) { return visit.name == name; });
  };
  if (result.outcome == "fail") {
    if (result.reason == "NOT_BOOKED") forget(booked_, call.name);
    // What is over is asked for again now and then.
    if (absl::string_view(result.reason).substr(0, 5) == "HOLD_" && call.op % 4 != 0) forget(holds_, call.name);
    return;
  }
  if (call.key.empty()) return;
  Random random(static_cast<uint64_t>(call.op));
  Remember(answered_, call, random);
  const Visit& visit = result.visits.front();
  if (call.method == "CreateHold") {
    // Some are left to expire.
    if (call.op % 8 != 0 && visit.expire > NowMicros()) holds_.push_back(visit);
    return;
  }
  if (visit.version == 0) return;
  if (call.method == "ConfirmHold") forget(holds_, call.name), Remember(names_, visit.name, random);
  forget(booked_, visit.name);
  if (visit.state == "BOOKED") booked_.push_back(visit);
}

}  // namespace lumbar::chaos
