// A body that is made bit by bit, for whoever writes it to a client.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <optional>
#include <string>

namespace lumbar::gateway {

// Thread safe.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // Nothing: the body is over.
  using Give = std::function<void(std::optional<std::string>)>;

  // Gives the next piece once it is there, by any thread, maybe before it returns. One call at a time; whoever doesn't
  // ask stops what makes the pieces.
  virtual void Next(Give give) = 0;
  // How it ended; after nothing was given.
  virtual absl::Status status() const = 0;
  // Ends it with `why`, unless it has ended: the client is gone, or the port closes.
  virtual void End(const absl::Status& why) = 0;
};

}  // namespace lumbar::gateway
