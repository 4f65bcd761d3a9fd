// Makes connections to Redis that are ready to be asked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>
#include <memory>
#include <optional>

#include "common/cache/redis_connection.h"
#include "common/cache/redis_options.h"

namespace lumbar::cache {

// Asks sentinels for the server, if there are any, connects, authenticates and selects the database. On one loop.
class RedisDialer {
 public:
  // Null: there was none within the time for it.
  using Done = std::function<void(std::shared_ptr<RedisConnection>)>;

  // Both must outlive every dialling. Throws if the authorities' file can't be read.
  RedisDialer(boost::asio::io_context& context, const RedisOptions& options);

  void Dial(Done done);

 private:
  class Attempt;

  boost::asio::io_context& context_;
  const RedisOptions& options_;
  std::optional<boost::asio::ssl::context> tls_;
  // Each dialling begins with another sentinel: one that hangs costs one of them.
  size_t turn_ = 0;
};

}  // namespace lumbar::cache
