#include "services/gateway/fhir/element.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"

namespace lumbar::gateway::fhir {

std::string Element::PathOf(absl::string_view name) const { return absl::StrCat(path_, ".", name); }

absl::Status Element::Wrong(absl::string_view why) const { return InvalidField(path_, why); }

std::optional<Element> Element::Find(const char* name) const {
  if (!value_->is_object()) return std::nullopt;
  const auto found = value_->find(name);
  if (found == value_->end()) return std::nullopt;
  return Element(*found, PathOf(name));
}

absl::StatusOr<Element> Element::Get(const char* name) const {
  auto found = Find(name);
  return found ? absl::StatusOr<Element>(*std::move(found)) : InvalidField(PathOf(name), "is missing");
}

absl::StatusOr<std::vector<Element>> Element::Each(const char* name) const {
  std::vector<Element> parts;
  const auto found = Find(name);
  if (!found) return parts;
  if (!found->value_->is_array()) return found->Wrong("must be an array");
  for (size_t i = 0; i < found->value_->size(); ++i) {
    parts.emplace_back((*found->value_)[i], absl::StrCat(found->path_, "[", i, "]"));
  }
  return parts;
}

absl::StatusOr<std::string> Element::Text() const {
  const bool is_text = value_->is_string() && !value_->get_ref<const std::string&>().empty();
  return is_text ? absl::StatusOr<std::string>(value_->get<std::string>()) : Wrong("must be a text that isn't empty");
}

absl::StatusOr<bool> Element::Truth() const {
  return value_->is_boolean() ? absl::StatusOr<bool>(value_->get<bool>()) : Wrong("must be true or false");
}

absl::StatusOr<uint32_t> Element::Count() const {
  const bool fits = value_->is_number_unsigned() && value_->get<uint64_t>() <= std::numeric_limits<uint32_t>::max();
  return fits ? absl::StatusOr<uint32_t>(value_->get<uint32_t>()) : Wrong("must be a whole number, not below 0");
}

absl::StatusOr<std::string> Element::TextAt(const char* name) const {
  LUMBAR_ASSIGN_OR_RETURN(const Element part, Get(name));
  return part.Text();
}

absl::StatusOr<std::string> Element::TextIfAny(const char* name) const {
  const auto part = Find(name);
  return part ? part->Text() : std::string();
}

absl::Status Element::CheckParts(std::initializer_list<absl::string_view> known) const {
  if (!value_->is_object()) return Wrong("must be an object");
  for (const auto& [name, part] : value_->items()) {
    const bool is_known = std::find(known.begin(), known.end(), absl::StripPrefix(name, "_")) != known.end();
    if (!is_known) return InvalidField(PathOf(name), "isn't read here; mind its spelling, or leave it out");
  }
  return absl::OkStatus();
}

absl::Status Element::CheckType(absl::string_view type) const {
  LUMBAR_ASSIGN_OR_RETURN(const std::string found, TextAt("resourceType"));
  if (found != type) return InvalidField(PathOf("resourceType"), absl::StrCat("must be ", type));
  // It may change what all the rest means, and none is understood.
  if (value_->contains("modifierExtension")) return InvalidField(PathOf("modifierExtension"), "isn't understood here");
  return absl::OkStatus();
}

}  // namespace lumbar::gateway::fhir
