// A text in JSON that grows at its end.
#pragma once

#include <absl/base/optimization.h>
#include <absl/strings/string_view.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace lumbar::gateway {

class JsonText {
 public:
  // It can become longer than `expected`.
  explicit JsonText(size_t expected) : text_(expected, '\0'), at_(text_.data()), end_(at_ + expected) {}
  JsonText(const JsonText&) = delete;
  JsonText& operator=(const JsonText&) = delete;

  void Add(char c) {
    Need(1);
    *at_++ = c;
  }
  void Add(absl::string_view part) {
    Need(part.size());
    std::memcpy(at_, part.data(), part.size());
    at_ += part.size();
  }
  void AddNumber(int64_t number);
  void AddNumber(uint64_t number);
  // With leading zeros.
  void AddDigits(int64_t number, int width);
  // In quotes, and escaped as protobuf's mapper does it. False: it isn't UTF-8, and half of it may be here.
  bool AddQuoted(absl::string_view value);

  // Undefined while nothing is here.
  char last() const { return at_[-1]; }
  std::string Take() &&;

 private:
  void Need(size_t bytes) {
    if (ABSL_PREDICT_FALSE(static_cast<size_t>(end_ - at_) < bytes)) Grow(bytes);
  }
  void Grow(size_t bytes);
  void AddEscaped(absl::string_view bytes);

  std::string text_;
  char* at_;
  char* end_;
};

}  // namespace lumbar::gateway
