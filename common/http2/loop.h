// One thread, its event loop and its connections.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "common/concurrency/mutex.h"
#include "common/http2/connection.h"
#include "common/transport/socket.h"

namespace lumbar::http2 {

// What lives on a loop besides the connections that it was given, such as those of a client. Called on the loop.
class Resident {
 public:
  virtual ~Resident() = default;
  // Looks at the times.
  virtual void Tick() = 0;
  // The loop ends: nothing may wait on it from here on.
  virtual void Close() = 0;
};

class Loop {
 public:
  // `on_closed` is called on the loop whenever a connection is closed. With `certificates`, connections that are bare
  // when they come begin with TLS. All must outlive the loop.
  Loop(const Limits& limits, Handler& handler, const Clock& clock, std::function<void()> on_closed,
       const transport::CertificateFiles* certificates = nullptr);
  ~Loop();

  // The one whose thread this is; null elsewhere.
  static Loop* Here();

  boost::asio::io_context& context() { return context_; }
  std::shared_ptr<Runner> runner() const { return parts_.runner; }
  void Run();
  // Closes what is open and ends the thread.
  void Stop();

  // Thread safe. `socket` is of this loop's context; `ticket` is held for as long as its connection lives.
  void Adopt(transport::Socket socket, std::shared_ptr<void> ticket = nullptr);
  void DrainAll();
  void CloseAll();
  // Before Run, or on the loop. It is held until the loop ends.
  void Keep(std::shared_ptr<Resident> resident);

 private:
  class Mailbox;

  std::vector<std::shared_ptr<Connection>> Open() const;
  void Tick();
  // As Limits::loop_bytes says.
  void AwaitHogs();
  void CloseHogs();
  void CloseResidents();

  const Limits& limits_;
  const std::function<void()> on_closed_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  const std::shared_ptr<Mailbox> mailbox_;
  LoopParts parts_;
  absl::flat_hash_map<Connection*, std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Resident>> residents_;
  std::minstd_rand random_{std::random_device{}()};
  bool closing_hogs_ = false;
  bool draining_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lumbar::http2
