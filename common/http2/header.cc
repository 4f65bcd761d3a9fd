#include "common/http2/header.h"

namespace lumbar::http2 {

void Header::Add(Field field) {
  places_.push_back({static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(field.name.size()),
                     static_cast<uint32_t>(field.value.size())});
  text_.append(field.name.data(), field.name.size());
  text_.append(field.value.data(), field.value.size());
}

Field Header::operator[](size_t index) const {
  const Place& place = places_[index];
  const auto from = absl::string_view(text_).substr(place.begin);
  return {from.substr(0, place.name), from.substr(place.name, place.value)};
}

absl::string_view Header::Find(absl::string_view name) const {
  for (const Place& place : places_) {
    const auto from = absl::string_view(text_).substr(place.begin);
    if (from.substr(0, place.name) == name) return from.substr(place.name, place.value);
  }
  return "";
}

}  // namespace lumbar::http2
