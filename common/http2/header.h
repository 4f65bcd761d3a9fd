// The fields of a header or a trailer, in one piece of memory.
#pragma once

#include <absl/container/inlined_vector.h>
#include <absl/strings/string_view.h>

#include <cstdint>
#include <string>

namespace lumbar::http2 {

// Names are in lower case; those of HTTP/2 itself begin with a colon, e.g. ":path".
struct Field {
  absl::string_view name;
  absl::string_view value;
};

class Header {
 public:
  Header() = default;
  explicit Header(size_t expected_bytes) { text_.reserve(expected_bytes); }

  void Add(Field field);
  size_t size() const { return places_.size(); }
  Field operator[](size_t index) const;
  // The first field of this name; "" if there is none.
  absl::string_view Find(absl::string_view name) const;
  // As HTTP/2 counts a list: 32 bytes for each field besides its text.
  size_t ListBytes() const { return text_.size() + 32 * places_.size(); }

 private:
  struct Place {
    uint32_t begin;
    uint32_t name;
    uint32_t value;
  };

  std::string text_;
  absl::InlinedVector<Place, 12> places_;
};

}  // namespace lumbar::http2
