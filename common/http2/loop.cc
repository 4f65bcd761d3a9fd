#include "common/http2/loop.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "common/telemetry/log.h"

namespace lumbar::http2 {
namespace {

namespace net = boost::asio;

constexpr size_t kReadBytes = 64 * 1024;

thread_local Loop* here = nullptr;

}  // namespace

// Outlives the loop in the hands of calls that still run.
class Loop::Mailbox final : public Runner {
 public:
  explicit Mailbox(net::io_context& context) : context_(&context) {}

  bool IsHere() const override { return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed); }
  void Post(std::function<void()> task) override {
    const MutexLock lock(mutex_);
    if (context_ != nullptr) net::post(*context_, std::move(task));
  }

  void Enter() { thread_.store(std::this_thread::get_id(), std::memory_order_relaxed); }
  void Shut() {
    const MutexLock lock(mutex_);
    context_ = nullptr;
  }

 private:
  std::atomic<std::thread::id> thread_;
  Mutex mutex_;
  net::io_context* context_ ABSL_GUARDED_BY(mutex_);
};

Loop::Loop(const Limits& limits, Handler& handler, const Clock& clock, std::function<void()> on_closed,
           const transport::CertificateFiles* certificates)
    : limits_(limits),
      on_closed_(std::move(on_closed)),
      work_(context_.get_executor()),
      timer_(context_),
      mailbox_(std::make_shared<Mailbox>(context_)),
      parts_{limits, clock, handler, mailbox_, Ledger(limits.loop_bytes), std::string(kReadBytes, '\0'), certificates} {
  parts_.ledger.Watch([this] { AwaitHogs(); });
}

Loop::~Loop() { Stop(); }

Loop* Loop::Here() { return here; }

void Loop::Stop() {
  if (!thread_.joinable()) return;
  mailbox_->Shut();
  CloseAll();
  net::post(context_, [this] {
    stopping_ = true;
    timer_.cancel();
    CloseResidents();
  });
  work_.reset();
  thread_.join();
}

void Loop::Run() {
  thread_ = std::thread([this] {
    mailbox_->Enter();
    here = this;
    Tick();
    context_.run();
  });
}

void Loop::Adopt(transport::Socket socket, std::shared_ptr<void> ticket) {
  net::post(context_, [this, socket = std::move(socket), ticket = std::move(ticket)]() mutable {
    // A tenth more or less than the age, so that the clients of a restarted server don't all come back at once.
    const double factor = std::uniform_real_distribution<double>(0.9, 1.1)(random_);
    const auto made = std::make_shared<Connection>(std::move(socket), parts_, factor, [this, ticket](Connection* gone) {
      connections_.erase(gone);
      on_closed_();
    });
    connections_.emplace(made.get(), made);
    made->Start();
    if (draining_) made->Drain();
  });
}

void Loop::DrainAll() {
  net::post(context_, [this] {
    draining_ = true;
    for (const auto& connection : Open()) connection->Drain();
  });
}

void Loop::CloseAll() {
  net::post(context_, [this] {
    for (const auto& connection : Open()) connection->Close();
  });
}

void Loop::Keep(std::shared_ptr<Resident> resident) {
  if (stopping_) return resident->Close();
  residents_.push_back(std::move(resident));
}

void Loop::CloseResidents() {
  for (const auto& resident : std::exchange(residents_, {})) resident->Close();
}

// Copied: what is done with them may close them.
std::vector<std::shared_ptr<Connection>> Loop::Open() const {
  std::vector<std::shared_ptr<Connection>> open;
  open.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) open.push_back(connection);
  return open;
}

// Later: whoever took the room is in the middle of something.
void Loop::AwaitHogs() {
  if (std::exchange(closing_hogs_, true)) return;
  net::post(context_, [this] {
    closing_hogs_ = false;
    CloseHogs();
  });
}

void Loop::CloseHogs() {
  std::vector<std::pair<size_t, std::shared_ptr<Connection>>> hogs;
  for (auto& connection : Open()) hogs.emplace_back(connection->held(), std::move(connection));
  std::sort(hogs.begin(), hogs.end(), std::greater<>());
  for (const auto& [bytes, hog] : hogs) {
    if (bytes == 0 || parts_.ledger.held() <= limits_.loop_bytes / 2) return;
    if (const auto left_out = parts_.hogs.Next(parts_.clock.Now())) {
      Log(LogLevel::kWarning, "hog_closed", {{"bytes", bytes}, {"left_out", *left_out}});
    }
    hog->Close();
  }
}

void Loop::Tick() {
  if (stopping_) return;
  for (const auto& connection : Open()) connection->Tick();
  // By place: another may come meanwhile.
  for (size_t i = 0; i < residents_.size(); ++i) residents_[i]->Tick();
  timer_.expires_after(absl::ToChronoNanoseconds(limits_.tick));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

}  // namespace lumbar::http2
