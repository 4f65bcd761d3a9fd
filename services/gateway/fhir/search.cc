#include "services/gateway/fhir/search.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

constexpr size_t kIdLength = 36;
constexpr size_t kMaxSlugLength = 63;
constexpr absl::Duration kMoment = absl::Microseconds(1);

std::string ParameterPath(absl::string_view name) { return absl::StrCat("http.", name); }

absl::Status Narrow(absl::string_view prefix, const Moments& moments, absl::string_view path, Window& window) {
  if (prefix == "ge") {
    BeginAt(moments.first, window);
  } else if (prefix == "gt") {
    BeginAt(moments.last + kMoment, window);
  } else if (prefix == "le") {
    EndBy(moments.last, window);
  } else if (prefix == "lt") {
    EndBy(moments.first - kMoment, window);
  } else if (prefix.empty() || prefix == "eq") {
    BeginAt(moments.first, window);
    EndBy(moments.last, window);
  } else {
    return InvalidField(path, "may begin with eq, ge, gt, le or lt");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Window> ReadWindow(const FhirRequest& request, absl::string_view name) {
  Window window;
  for (const Binding& parameter : request.parameters) {
    if (parameter.field_path != name) continue;
    const absl::string_view text = parameter.value;
    const auto begin = std::find_if(text.begin(), text.end(),
                                    [](char c) { return !absl::ascii_isalpha(static_cast<unsigned char>(c)); });
    const auto prefix_length = static_cast<size_t>(begin - text.begin());
    LUMBAR_ASSIGN_OR_RETURN(const Moments moments, ReadDateTime(text.substr(prefix_length), ParameterPath(name)));
    LUMBAR_RETURN_IF_ERROR(Narrow(text.substr(0, prefix_length), moments, ParameterPath(name), window));
  }
  return window;
}

void EndBy(absl::Time last, Window& window) { window.last = window.last ? std::min(*window.last, last) : last; }

void BeginAt(absl::Time first, Window& window) { window.first = window.first ? std::max(*window.first, first) : first; }

absl::StatusOr<std::string> ReadToken(const FhirRequest& request, absl::string_view name, absl::string_view system) {
  const std::string token = request.Parameter(name);
  const size_t bar = token.find('|');
  if (bar == std::string::npos) return token;
  if (token.substr(0, bar) != system) {
    return InvalidField(ParameterPath(name), absl::StrCat("is a code of the system ", system));
  }
  return token.substr(bar + 1);
}

absl::StatusOr<std::string> ReadName(const FhirRequest& request, absl::string_view parameter, absl::string_view type,
                                     absl::string_view collection) {
  std::string value = request.Parameter(parameter);
  if (value.empty()) return value;
  if (absl::StrContains(value, "/")) {
    LUMBAR_ASSIGN_OR_RETURN(value, ReadReference(value, type, ParameterPath(parameter)));
  }
  return absl::StrCat(collection, "/", value);
}

bool IsUuid(absl::string_view id) {
  return id.size() == kIdLength && std::all_of(id.begin(), id.end(), [](char c) {
           return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsSlug(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxSlugLength && std::all_of(id.begin(), id.end(), [](char c) {
    return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  });
}

absl::Status NoSuchResource() {
  return WithReason(absl::NotFoundError("there is no such resource"), "RESOURCE_NOT_FOUND");
}

}  // namespace lumbar::gateway::fhir
