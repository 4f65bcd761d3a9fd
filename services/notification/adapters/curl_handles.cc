#include "services/notification/adapters/curl_handles.h"

#include <utility>

namespace lumbar::notification {

CurlHandle CurlHandles::Borrow() {
  MutexLock lock(mutex_);
  if (idle_.empty()) return {curl_easy_init(), &curl_easy_cleanup};
  CurlHandle handle = std::move(idle_.back());
  idle_.pop_back();
  return handle;
}

void CurlHandles::Return(CurlHandle handle) {
  MutexLock lock(mutex_);
  idle_.push_back(std::move(handle));
}

}  // namespace lumbar::notification
