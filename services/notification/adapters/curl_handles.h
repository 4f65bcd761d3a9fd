// Handles of libcurl, which keep their connections between uses.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <vector>

#include "common/concurrency/mutex.h"

namespace lumbar::notification {

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

// As many handles as were ever in use at once. Thread safe.
class CurlHandles {
 public:
  // The one that was given back last, for its connection is the likeliest to live; a new one if all are in use.
  CurlHandle Borrow();
  void Return(CurlHandle handle);

 private:
  Mutex mutex_;
  std::vector<CurlHandle> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::notification
