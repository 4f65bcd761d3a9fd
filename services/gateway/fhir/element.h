// A FHIR resource as it came in, read part by part. What is wrong is told with its FHIRPath, never with a value.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace lumbar::gateway::fhir {

// Keeps the order in which a resource is written.
using Json = nlohmann::ordered_json;

// A view of a part of a resource, which outlives it. Every failure is INVALID_ARGUMENT/INVALID_FIELD with the path.
class Element {
 public:
  Element(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  const Json& json() const { return *value_; }

  // Nothing: it isn't there.
  std::optional<Element> Find(const char* name) const;
  absl::StatusOr<Element> Get(const char* name) const;
  // The parts of an array; none if it isn't there.
  absl::StatusOr<std::vector<Element>> Each(const char* name) const;

  // What the element itself is.
  absl::StatusOr<std::string> Text() const;
  absl::StatusOr<bool> Truth() const;
  // From 0 on.
  absl::StatusOr<uint32_t> Count() const;

  // The text of a part; the other is "" if there is none.
  absl::StatusOr<std::string> TextAt(const char* name) const;
  absl::StatusOr<std::string> TextIfAny(const char* name) const;

  // Refuses a part that isn't one of `known`: what nobody reads may have been meant. "_name" goes with "name".
  absl::Status CheckParts(std::initializer_list<absl::string_view> known) const;

  // Whether it is a resource of that type, and no modifier extension makes it mean something else.
  absl::Status CheckType(absl::string_view type) const;

  // INVALID_ARGUMENT/INVALID_FIELD at this element.
  absl::Status Wrong(absl::string_view why) const;

 private:
  std::string PathOf(absl::string_view name) const;

  const Json* value_;
  std::string path_;
};

}  // namespace lumbar::gateway::fhir
