// Streams that follow a table of changes, whichever process makes them.
#pragma once

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/errors.h"
#include "common/rpc/stream.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "common/time/clock.h"

namespace lumbar::rpc {

// A stream that has nothing to say says so this often, with a token that makes a resume cheap.
inline constexpr absl::Duration kHeartbeat = absl::Seconds(15);
// A change is there for all to read this long after its time at the latest: what a transaction may take (eight seconds
// and less, common/store), and by how much the clocks of two processes may differ.
inline constexpr absl::Duration kChangesSettle = absl::Seconds(15);

// Where changes are read. A `Key` names one: it begins with its `absl::Time time`, keys are ordered by that first, and
// Key{time} comes before all others of that time.
template <typename Key, typename Response>
class Changes {
 public:
  virtual ~Changes() = default;

  // At most `limit`, in order: those after `after`. What is written while others are read may turn up later among them,
  // for kChangesSettle. A failure ends the stream with it.
  virtual absl::StatusOr<std::vector<Key>> Keys(const Key& after, int limit) = 0;
  // Where the last Keys stopped for this time, before it had `limit` or came to the end, so that a long past is read in
  // steps; nothing: it didn't. Older than kChangesSettle: nothing turns up before it any more.
  virtual std::optional<Key> PausedAt() const { return std::nullopt; }
  // Puts the change into an empty `response`; false: it isn't to be told, for it isn't kept any more, or a later one
  // tells all.
  virtual absl::StatusOr<bool> Read(const Key& key, Response& response) = 0;
};

// What a stream without a token has first.
enum class FirstSent {
  // What changes from now on.
  kNextChange,
  // What is there, as if all of it had just changed.
  kPresent,
};

// Commits come in another order than times. So each reading begins again kChangesSettle before the latest time seen,
// and leaves out what was sent: nothing is missed, and what is remembered is what changed within that time, however
// slow the reader. For the same reason a token is a time, and a resume begins so much before it.
template <typename Key, typename Response>
class ChangeStream final : public StreamSource {
 public:
  // Goes on where `token` says, or begins with `first` if that is empty. `binding` is all of the request that decides
  // which changes there are. `clock` must outlive the stream. INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
  static absl::StatusOr<std::unique_ptr<StreamSource>> Open(std::unique_ptr<Changes<Key, Response>> changes,
                                                            const Clock& clock, std::string binding,
                                                            const std::string& token,
                                                            FirstSent first = FirstSent::kNextChange) {
    const absl::StatusOr<std::string> from = store::DecodePageToken(token, binding);
    if (!from.ok()) return InvalidResumeToken();
    const bool skips = from->empty() && first == FirstSent::kNextChange;
    int64_t micros = skips ? absl::ToUnixMicros(clock.Now()) : 0;
    if (!from->empty() && !absl::SimpleAtoi(*from, &micros)) return InvalidResumeToken();
    std::unique_ptr<ChangeStream> stream(
        new ChangeStream(std::move(changes), clock, std::move(binding), absl::FromUnixMicros(micros)));
    if (skips) LUMBAR_RETURN_IF_ERROR(stream->SkipPresent());
    return stream;
  }

  absl::StatusOr<bool> Next(google::protobuf::Message& message) override {
    auto& response = static_cast<Response&>(message);
    response.Clear();
    if (waiting_.empty()) LUMBAR_RETURN_IF_ERROR(ReadOn());
    while (!waiting_.empty()) {
      const Key key = std::move(waiting_.front());
      waiting_.pop_front();
      LUMBAR_ASSIGN_OR_RETURN(const bool told, changes_->Read(key, response));
      sent_.insert(key);
      seen_until_ = std::max(seen_until_, key.time);
      if (told) return Said(response);
    }
    if (clock_.Now() - said_ < kHeartbeat) return false;
    return Said(response);
  }

 private:
  // Keys read at once, and keys that wait to be sent.
  static constexpr int kPage = 200;

  ChangeStream(std::unique_ptr<Changes<Key, Response>> changes, const Clock& clock, std::string binding,
               absl::Time from)
      : changes_(std::move(changes)), clock_(clock), binding_(std::move(binding)), seen_until_(from) {}

  // What is there now isn't to be sent.
  absl::Status SkipPresent() {
    LUMBAR_RETURN_IF_ERROR(ReadOn());
    while (!waiting_.empty()) {
      sent_.insert(waiting_.begin(), waiting_.end());
      waiting_.clear();
      LUMBAR_RETURN_IF_ERROR(ReadOn());
    }
    return absl::OkStatus();
  }

  bool Said(Response& response) {
    said_ = clock_.Now();
    response.set_resume_token(store::EncodePageToken(absl::StrCat(absl::ToUnixMicros(seen_until_)), binding_));
    return true;
  }

  // Fills `waiting_` with the next that weren't sent, in order; leaves it empty if there are none, or it paused.
  absl::Status ReadOn() {
    const absl::Time now = clock_.Now();
    const Key begin{seen_until_ - kChangesSettle};
    sent_.erase(sent_.begin(), sent_.lower_bound(begin));
    Key position = std::exchange(paused_at_, std::nullopt).value_or(begin);
    while (waiting_.empty()) {
      LUMBAR_ASSIGN_OR_RETURN(const std::vector<Key> page, changes_->Keys(position, kPage));
      for (const Key& key : page) {
        if (sent_.count(key) == 0) waiting_.push_back(key);
      }
      paused_at_ = changes_->PausedAt();
      if (paused_at_ || page.size() < kPage) break;
      position = page.back();
    }
    // Whatever isn't there yet is younger than `now - kChangesSettle`.
    if (waiting_.empty()) seen_until_ = std::max(seen_until_, paused_at_ ? paused_at_->time : now);
    return absl::OkStatus();
  }

  const std::unique_ptr<Changes<Key, Response>> changes_;
  const Clock& clock_;
  const std::string binding_;
  absl::Time seen_until_;
  // Where the next reading goes on, if not where `seen_until_` says.
  std::optional<Key> paused_at_;
  // Those that were sent and would be read again.
  std::set<Key> sent_;
  std::deque<Key> waiting_;
  absl::Time said_ = absl::InfinitePast();
};

}  // namespace lumbar::rpc
