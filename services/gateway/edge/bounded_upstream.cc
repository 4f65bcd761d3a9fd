#include "services/gateway/edge/bounded_upstream.h"

#include <absl/random/random.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <atomic>
#include <utility>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

// "lumbar.booking.v1" of "lumbar.booking.v1.BookingService".
absl::string_view PackageOf(absl::string_view service) { return service.substr(0, service.rfind('.')); }

// Spread, so that those who keep to it don't come back together. Made ready: there is most to refuse when there is
// least time for it.
absl::Status NoRoom() {
  static const std::vector<absl::Status>& ready = *[] {
    auto* made = new std::vector<absl::Status>();
    for (int millis = 1000; millis <= 5000; millis += 125) made->push_back(TooBusy(absl::Milliseconds(millis)));
    return made;
  }();
  thread_local absl::InsecureBitGen random;
  return ready[absl::Uniform(random, size_t{0}, ready.size())];
}

// Of a call that found no room.
class RefusedStream final : public UpstreamStream {
 public:
  explicit RefusedStream(std::shared_ptr<StreamTaker> taker) : taker_(std::move(taker)) {}
  void Next() override {
    if (!told_.exchange(true)) taker_->OnEnd(NoRoom());
  }
  void Cancel() override { Next(); }

 private:
  const std::shared_ptr<StreamTaker> taker_;
  std::atomic<bool> told_ = false;
};

// Leaves its place when the stream is over.
class PlacedTaker final : public StreamTaker {
 public:
  PlacedTaker(std::shared_ptr<StreamTaker> taker, std::shared_ptr<void> place)
      : taker_(std::move(taker)), place_(std::move(place)) {}
  void OnMessage(const std::string& message) override { taker_->OnMessage(message); }
  void OnEnd(const absl::Status& status) override {
    place_.reset();
    taker_->OnEnd(status);
  }

 private:
  const std::shared_ptr<StreamTaker> taker_;
  std::shared_ptr<void> place_;
};

}  // namespace

// So many places. Thread safe; outlives the upstream in the hands of what is under way.
class BoundedUpstream::Room : public std::enable_shared_from_this<Room> {
 public:
  Room(size_t most, std::shared_ptr<prometheus::Registry> registry, prometheus::Gauge& taken,
       prometheus::Counter& refused)
      : most_(most), registry_(std::move(registry)), shown_(taken), refused_(refused) {}

  // False, which is counted: it is full.
  bool HasPlace() {
    if (taken_.load(std::memory_order_relaxed) < most_) return true;
    refused_.Increment();
    return false;
  }
  // Left with the last pointer to it; null: there is none.
  std::shared_ptr<void> Enter() {
    if (taken_.fetch_add(1, std::memory_order_relaxed) >= most_) {
      taken_.fetch_sub(1, std::memory_order_relaxed);
      refused_.Increment();
      return nullptr;
    }
    shown_.Increment();
    return {this, [self = shared_from_this()](void*) {
              self->taken_.fetch_sub(1, std::memory_order_relaxed);
              self->shown_.Decrement();
            }};
  }

 private:
  const size_t most_;
  std::atomic<size_t> taken_ = 0;
  // Whose the next two are.
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Gauge& shown_;
  prometheus::Counter& refused_;
};

BoundedUpstream::BoundedUpstream(Upstream& upstream, const std::vector<std::string>& services,
                                 const UpstreamBounds& bounds, const std::shared_ptr<prometheus::Registry>& registry)
    : upstream_(upstream) {
  auto& taken = prometheus::BuildGauge()
                    .Name("lumbar_edge_upstream_calls")
                    .Help("Calls and streams under way by package of contracts")
                    .Register(*registry);
  auto& refused = prometheus::BuildCounter()
                      .Name("lumbar_edge_upstream_refused_total")
                      .Help("Calls and streams that were refused because as many as may be were under way")
                      .Register(*registry);
  for (const std::string& service : services) {
    const std::string package(PackageOf(service));
    if (rooms_.contains(package)) continue;
    const auto make = [&](const char* kind, size_t most) {
      const prometheus::Labels labels = {{"package", package}, {"kind", kind}};
      return std::make_shared<Room>(most, registry, taken.Add(labels), refused.Add(labels));
    };
    rooms_.emplace(package, Rooms{make("call", bounds.calls), make("stream", bounds.streams)});
  }
}

BoundedUpstream::~BoundedUpstream() = default;

const BoundedUpstream::Rooms* BoundedUpstream::RoomsOf(absl::string_view method) const {
  const auto found = rooms_.find(PackageOf(ServiceIn(method)));
  return found == rooms_.end() ? nullptr : &found->second;
}

absl::Status BoundedUpstream::CheckRoom(absl::string_view method, bool is_stream) {
  const Rooms* rooms = RoomsOf(method);
  if (rooms == nullptr || (is_stream ? rooms->streams : rooms->calls)->HasPlace()) return absl::OkStatus();
  return NoRoom();
}

GiveUp BoundedUpstream::Call(UpstreamCall call, Callback done) {
  const Rooms* rooms = RoomsOf(call.method);
  if (rooms == nullptr) return upstream_.Call(std::move(call), std::move(done));
  auto place = rooms->calls->Enter();
  if (place == nullptr) {
    done(NoRoom());
    return nullptr;
  }
  return upstream_.Call(std::move(call), [place = std::move(place),
                                          done = std::move(done)](absl::StatusOr<std::string> response) mutable {
    place.reset();
    done(std::move(response));
  });
}

std::shared_ptr<UpstreamStream> BoundedUpstream::Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) {
  const Rooms* rooms = RoomsOf(call.method);
  if (rooms == nullptr) return upstream_.Open(std::move(call), std::move(taker));
  auto place = rooms->streams->Enter();
  if (place == nullptr) return std::make_shared<RefusedStream>(std::move(taker));
  return upstream_.Open(std::move(call), std::make_shared<PlacedTaker>(std::move(taker), std::move(place)));
}

}  // namespace lumbar::gateway
