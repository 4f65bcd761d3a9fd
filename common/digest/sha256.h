// SHA-256, for checksums and for names of what must not be kept itself.
#pragma once

#include <absl/strings/string_view.h>

#include <memory>
#include <string>

namespace lumbar {

// 32 raw bytes.
std::string Sha256(absl::string_view bytes);

// The same of bytes that come piece by piece. A copy goes on by itself.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(const Sha256Stream& other);
  Sha256Stream(Sha256Stream&& other) noexcept;
  Sha256Stream& operator=(const Sha256Stream& other);
  Sha256Stream& operator=(Sha256Stream&& other) noexcept;
  ~Sha256Stream();

  void Add(absl::string_view bytes);
  // 32 raw bytes. Nothing may be added afterwards.
  std::string Finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lumbar
