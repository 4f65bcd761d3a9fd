// An upstream that a test answers for.
#pragma once

#include <absl/base/thread_annotations.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/concurrency/mutex.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

class FakeUpstream final : public Upstream {
 public:
  // What each call is answered with at once.
  void AnswerWith(absl::StatusOr<std::string> answer) {
    MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  // From now on calls wait until Release or CancelAll.
  void Hold() {
    MutexLock lock(mutex_);
    is_holding_ = true;
  }

  GiveUp Call(UpstreamCall call, Callback done) override {
    {
      MutexLock lock(mutex_);
      calls_.push_back(std::move(call));
      called_.NotifyAll();
      if (is_holding_) {
        held_.push_back(std::move(done));
        return [this] {
          given_up_ = true;
          Finish(absl::CancelledError("given up"));
        };
      }
    }
    done(Answer());
    return nullptr;
  }
  // Whether a call was given up; it, and what else was held, has been answered then.
  bool given_up() const { return given_up_; }

  // A stream that the test feeds by Send and Finish.
  std::shared_ptr<UpstreamStream> Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) override {
    MutexLock lock(mutex_);
    calls_.push_back(std::move(call));
    taker_ = std::move(taker);
    stream_ = std::make_shared<FakeStream>(*this);
    called_.NotifyAll();
    return stream_;
  }
  void Send(const std::string& message) { taker()->OnMessage(message); }
  void FinishStream(const absl::Status& status) { EndTaker(status); }
  // The same if there is one; it, and all calls, are forgotten.
  void EndStream() {
    EndTaker(absl::OkStatus());
    MutexLock lock(mutex_);
    calls_.clear();
  }
  // How many messages were asked for, and whether the stream was given up.
  size_t asked() { return stream()->asked; }
  bool cancelled() { return stream()->cancelled; }

  absl::Status CheckRoom(absl::string_view, bool) override {
    MutexLock lock(mutex_);
    return room_;
  }
  // What requests are refused with before they are read.
  void RefuseUnread(absl::Status refusal) {
    MutexLock lock(mutex_);
    room_ = std::move(refusal);
  }

  void CancelAll() override {
    Finish(absl::CancelledError("canceled"));
    EndTaker(absl::CancelledError("canceled"));
  }
  void Release() { Finish(Answer()); }

  void WaitForCalls(size_t count) {
    MutexLock lock(mutex_);
    while (calls_.size() < count) called_.Wait(mutex_);
  }
  std::vector<UpstreamCall> calls() {
    MutexLock lock(mutex_);
    return calls_;
  }

 private:
  struct FakeStream final : UpstreamStream {
    explicit FakeStream(FakeUpstream& upstream) : owner(upstream) {}
    void Next() override { ++asked; }
    void Cancel() override {
      if (!cancelled.exchange(true)) owner.EndTaker(absl::CancelledError("given up"));
    }
    FakeUpstream& owner;
    std::atomic<size_t> asked = 0;
    std::atomic<bool> cancelled = false;
  };

  // Ends the stream, if there is one, once.
  void EndTaker(const absl::Status& status) {
    std::shared_ptr<StreamTaker> last;
    {
      MutexLock lock(mutex_);
      last.swap(taker_);
    }
    if (last != nullptr) last->OnEnd(status);
  }

  std::shared_ptr<StreamTaker> taker() {
    MutexLock lock(mutex_);
    return taker_;
  }
  std::shared_ptr<FakeStream> stream() {
    MutexLock lock(mutex_);
    return stream_;
  }

  absl::StatusOr<std::string> Answer() {
    MutexLock lock(mutex_);
    return answer_;
  }

  void Finish(const absl::StatusOr<std::string>& answer) {
    std::vector<Callback> held;
    {
      MutexLock lock(mutex_);
      held.swap(held_);
    }
    for (auto& done : held) done(answer);
  }

  Mutex mutex_;
  CondVar called_;
  std::atomic<bool> given_up_ = false;
  bool is_holding_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status room_ ABSL_GUARDED_BY(mutex_);
  absl::StatusOr<std::string> answer_ ABSL_GUARDED_BY(mutex_) = std::string();
  std::vector<UpstreamCall> calls_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<StreamTaker> taker_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<FakeStream> stream_ ABSL_GUARDED_BY(mutex_);
  std::vector<Callback> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::gateway
