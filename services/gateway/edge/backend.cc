#include "services/gateway/edge/backend.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/errors.h"
#include "common/transport/peer_target.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

namespace net = boost::asio;

// Calls that wait for a connection, or for room on one.
constexpr size_t kMostWaiting = 1000;
// Between two tries to reach a place: from the first to the last, a fifth more or less.
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLastPause = absl::Seconds(2);
constexpr double kPauseGrowth = 1.6;
// And when a call comes.
constexpr absl::Duration kShortestPause = absl::Milliseconds(10);
// A connection that lived for less wasn't a good one.
constexpr absl::Duration kSettled = absl::Seconds(1);
// How long a name stands for what it stood for, and how soon it is asked for again when a place is gone.
constexpr absl::Duration kNameTime = absl::Seconds(30);
constexpr absl::Duration kNameRest = absl::Seconds(1);
// Places behind one name.
constexpr size_t kMostPlaces = 64;

}  // namespace

absl::StatusOr<BackendAddress> BackendAddress::Parse(absl::string_view text) {
  const transport::PeerTarget peer = transport::ParsePeerTarget(text);
  absl::string_view target = peer.address;
  absl::ConsumePrefix(&target, "dns:///");
  const size_t colon = target.rfind(':');
  if (colon == absl::string_view::npos) return InvalidField("target", "give host:port");
  absl::string_view host = target.substr(0, colon);
  const absl::string_view port = target.substr(colon + 1);
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) host = "";
  const bool is_number = !port.empty() && std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
  int number = 0;
  const bool is_port = is_number && absl::SimpleAtoi(port, &number) && number >= 1 && number <= 65535;
  if (host.empty() || !is_port) return InvalidField("target", "give host:port, the port as a number up to 65535");
  return BackendAddress{std::string(host), std::string(port), peer.name.value_or(std::string(host))};
}

void AskSystem(net::io_context& context, const BackendAddress& address,
               std::function<void(std::vector<net::ip::tcp::endpoint>)> found) {
  using Resolver = net::ip::tcp::resolver;
  const auto resolver = std::make_shared<Resolver>(context);
  resolver->async_resolve(address.host, address.port, Resolver::numeric_service,
                          [resolver, found = std::move(found)](boost::system::error_code error, const auto& results) {
                            std::vector<net::ip::tcp::endpoint> endpoints;
                            for (const auto& result : results) endpoints.push_back(result.endpoint());
                            found(error ? std::vector<net::ip::tcp::endpoint>() : endpoints);
                          });
}

Backend::Backend(BackendParts& parts, BackendAddress address)
    : parts_(parts),
      address_(std::move(address)),
      authority_(absl::StrContains(address_.host, ':') ? absl::StrCat("[", address_.host, "]:", address_.port)
                                                       : absl::StrCat(address_.host, ":", address_.port)) {
  boost::system::error_code error;
  const auto numeric = net::ip::make_address(address_.host, error);
  int port = 0;
  if (error || !absl::SimpleAtoi(address_.port, &port)) return;
  resolve_at_ = absl::InfiniteFuture();
  places_.push_back({Tcp::endpoint(numeric, static_cast<uint16_t>(port))});
}

void Backend::Send(const std::shared_ptr<BackendCall>& call) {
  const absl::Time now = parts_.clock.Now();
  used_ = true;
  Look(now);
  if (waiting_.empty()) {
    const Connection connection = Pick();
    if (connection != nullptr && call->SendOn(connection, authority_, now)) return;
  }
  if (!HasHope()) DialResting(now);
  if (!HasHope()) return call->End(UpstreamUnavailable());
  if (waiting_.size() >= kMostWaiting) return call->End(TooBusy());
  waiting_.push_back(call);
}

void Backend::Forget(const BackendCall& call) {
  waiting_.remove_if([&](const auto& other) { return other.get() == &call; });
}

void Backend::Tick() {
  if (!used_ || closed_) return;
  // Copied: what is told meanwhile may change them.
  std::vector<Connection> connections = leaving_;
  for (const Place& place : places_) connections.push_back(place.connection);
  for (const Connection& connection : connections) {
    if (connection != nullptr) connection->Tick();
  }
  OnChange();
}

void Backend::Close() {
  closed_ = true;
  std::vector<Connection> connections = std::exchange(leaving_, {});
  for (Place& place : std::exchange(places_, {})) connections.push_back(std::move(place.connection));
  for (const Connection& connection : connections) {
    if (connection != nullptr) connection->Close();
  }
  for (const auto& call : std::exchange(waiting_, {})) call->End(UpstreamUnavailable());
}

void Backend::OnChange() {
  if (closed_) return;
  const absl::Time now = parts_.clock.Now();
  Look(now);
  SendWaiting(now);
}

void Backend::Look(absl::Time now) {
  if (closed_) return;
  for (Place& place : places_) LookAt(place, now);
  if (!leaving_.empty()) {
    leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(), [](const auto& gone) { return gone->is_closed(); }),
                   leaving_.end());
  }
  if (!resolving_ && now >= resolve_at_) Resolve();
}

void Backend::LookAt(Place& place, absl::Time now) {
  if (place.connection != nullptr && place.connection->is_ending()) {
    const Connection gone = std::exchange(place.connection, nullptr);
    if (!gone->is_closed()) leaving_.push_back(gone);
    const bool was_good = gone->was_ready() && now - place.dialed_at > kSettled;
    place.failures = was_good ? 0 : place.failures + 1;
    place.dial_at = was_good ? now : now + Pause(place.failures);
    // It may be elsewhere by now.
    if (resolve_at_ != absl::InfiniteFuture()) resolve_at_ = std::min(resolve_at_, now + kNameRest);
  }
  if (place.connection == nullptr && now >= place.dial_at) Dial(place, now);
}

void Backend::Dial(Place& place, absl::Time now) {
  place.dialed_at = now;
  place.connection = std::make_shared<http2::ClientConnection>(parts_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->OnChange();
  });
  place.connection->Dial(place.endpoint, address_.server_name);
}

void Backend::DialResting(absl::Time now) {
  for (Place& place : places_) {
    if (place.connection == nullptr && now - place.dialed_at >= kShortestPause) Dial(place, now);
  }
}

absl::Duration Backend::Pause(int failures) {
  const absl::Duration even = std::min(kLastPause, kFirstPause * std::pow(kPauseGrowth, std::min(failures - 1, 16)));
  return even * std::uniform_real_distribution<double>(0.8, 1.2)(random_);
}

void Backend::Resolve() {
  resolving_ = true;
  parts_.find(parts_.context, address_, [self = shared_from_this()](const std::vector<Tcp::endpoint>& endpoints) {
    if (!self->closed_) self->OnResolved(endpoints);
  });
}

// While a name can't be resolved, what it stood for before is still tried.
void Backend::OnResolved(const std::vector<Tcp::endpoint>& endpoints) {
  const absl::Time now = parts_.clock.Now();
  resolving_ = false;
  resolve_failures_ = endpoints.empty() ? resolve_failures_ + 1 : 0;
  resolve_at_ = now + (endpoints.empty() ? Pause(resolve_failures_) : kNameTime);
  std::vector<Place> places;
  for (const Tcp::endpoint& endpoint : endpoints) {
    const auto is_it = [&](const Place& place) { return place.endpoint == endpoint; };
    if (places.size() == kMostPlaces || std::any_of(places.begin(), places.end(), is_it)) continue;
    const auto known = std::find_if(places_.begin(), places_.end(), is_it);
    places.push_back(known == places_.end() ? Place{endpoint} : std::exchange(*known, Place{}));
  }
  if (!places.empty()) places_.swap(places);
  for (const Place& gone : places) {
    if (gone.connection == nullptr) continue;
    leaving_.push_back(gone.connection);
    gone.connection->Drain();
  }
  OnChange();
}

void Backend::SendWaiting(absl::Time now) {
  while (!waiting_.empty()) {
    const Connection connection = Pick();
    if (connection == nullptr) break;
    const auto call = waiting_.front();
    waiting_.pop_front();
    if (!call->SendOn(connection, authority_, now)) waiting_.push_front(call);
  }
  if (waiting_.empty() || HasHope()) return;
  for (const auto& call : std::exchange(waiting_, {})) call->End(UpstreamUnavailable());
}

Backend::Connection Backend::Pick() {
  for (size_t i = 0; i < places_.size(); ++i) {
    const Connection& connection = places_[next_++ % places_.size()].connection;
    if (connection != nullptr && connection->room() > 0) return connection;
  }
  return nullptr;
}

bool Backend::HasHope() const {
  if (closed_) return false;
  return (resolving_ && places_.empty()) || std::any_of(places_.begin(), places_.end(), [](const Place& place) {
           return place.connection != nullptr && !place.connection->is_ending();
         });
}

}  // namespace lumbar::gateway
