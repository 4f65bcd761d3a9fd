// One address of a service as one loop sees it: the places behind it, the connections there, and the calls that wait
// for one.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/http2/client_connection.h"
#include "services/gateway/edge/backend_call.h"
#include "services/gateway/edge/retry.h"

namespace lumbar::gateway {

struct BackendAddress {
  std::string host;
  std::string port;
  // As transport::Socket::StartTlsTo has it.
  std::string server_name;

  // "127.0.0.1:9093", "[::1]:9093", "booking:9093" or "dns:///booking:9093", with the name that its certificate must
  // have before it if that isn't the host's: "booking@10.0.0.7:9093". INVALID_ARGUMENT/INVALID_FIELD.
  static absl::StatusOr<BackendAddress> Parse(absl::string_view text);
};

// Finds the places behind a name; none: that failed. `found` is called once, later, on the loop of the context.
using FindPlaces = std::function<void(boost::asio::io_context&, const BackendAddress&,
                                      std::function<void(std::vector<boost::asio::ip::tcp::endpoint>)> found)>;
// By the system's resolver, which has a thread of its own for that.
void AskSystem(boost::asio::io_context& context, const BackendAddress& address,
               std::function<void(std::vector<boost::asio::ip::tcp::endpoint>)> found);

struct BackendParts : http2::ClientParts {
  const FindPlaces& find;
  const RetryPolicy& retries;
};

// Keeps one connection to each place that the name stands for, and takes them in turn. A place that can't be reached is
// tried again soon, then more seldom, and whenever a call comes that has no other, at most a hundred times a second; in
// between calls fail at once. Everything on one loop.
class Backend final : public std::enable_shared_from_this<Backend> {
 public:
  // `parts` outlives the backend and its connections.
  Backend(BackendParts& parts, BackendAddress address);

  // A call more to which retries are in proportion.
  void CountCall() { budget_.AddCall(); }
  bool IsRepeatable(absl::string_view method) const { return parts_.retries.IsRepeatable(method); }
  // Whether a call may be sent once more. One that may says in the end whether it was.
  bool MayRetry() { return parts_.retries.Allow(budget_); }
  void CountRetry() { parts_.retries.CountMade(); }
  void GiveRetryBack() { budget_.GiveBack(); }
  // Sends the call now or soon, or ends it as Upstream says.
  void Send(const std::shared_ptr<BackendCall>& call);
  // It waits no more.
  void Forget(const BackendCall& call);
  void Tick();
  // Closes all connections; ends what ran on them.
  void Close();

 private:
  using Tcp = boost::asio::ip::tcp;
  using Connection = std::shared_ptr<http2::ClientConnection>;

  struct Place {
    Tcp::endpoint endpoint;
    Connection connection = nullptr;
    absl::Time dialed_at = absl::InfinitePast();
    absl::Time dial_at = absl::InfinitePast();
    int failures = 0;
  };

  // Sees to the connections: lets go of those that end, dials what is due, asks for the name again.
  void Look(absl::Time now);
  void LookAt(Place& place, absl::Time now);
  void Dial(Place& place, absl::Time now);
  // For a call that can go nowhere: it may be that one of them is back.
  void DialResting(absl::Time now);
  void Resolve();
  void OnResolved(const std::vector<Tcp::endpoint>& endpoints);
  void OnChange();
  void SendWaiting(absl::Time now);
  // The next connection with room; null if there is none.
  Connection Pick();
  // Whether a call that waits may be sent soon.
  bool HasHope() const;
  absl::Duration Pause(int failures);

  BackendParts& parts_;
  const BackendAddress address_;
  const std::string authority_;
  RetryBudget budget_;
  std::minstd_rand random_{std::random_device{}()};
  std::vector<Place> places_;
  size_t next_ = 0;
  // They finish what they have, and take nothing more.
  std::vector<Connection> leaving_;
  std::list<std::shared_ptr<BackendCall>> waiting_;
  // Never for a numeric address.
  absl::Time resolve_at_ = absl::InfinitePast();
  int resolve_failures_ = 0;
  bool resolving_ = false;
  bool used_ = false;
  bool closed_ = false;
};

}  // namespace lumbar::gateway
