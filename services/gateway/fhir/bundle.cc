#include "services/gateway/fhir/bundle.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>

#include "common/status/errors.h"

namespace lumbar::gateway::fhir {
namespace {

constexpr int kMostOnAPage = 200;

std::string Encoded(absl::string_view text) {
  constexpr absl::string_view kPlain = "-._~/:,";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || kPlain.find(c) != absl::string_view::npos) {
      encoded.push_back(c);
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return encoded;
}

Json Link(const FhirRequest& request, const char* relation, const std::vector<Binding>& parameters) {
  const std::string query = absl::StrJoin(parameters, "&", [](std::string* out, const Binding& one) {
    absl::StrAppend(out, Encoded(one.field_path), "=", Encoded(one.value));
  });
  return {{"relation", relation}, {"url", absl::StrCat(request.address, query.empty() ? "" : "?", query)}};
}

Json Entry(const FhirRequest& request, Json resource) {
  const std::string url = absl::StrCat(request.base, "/", resource["resourceType"].get_ref<const std::string&>(), "/",
                                       resource["id"].get_ref<const std::string&>());
  return {{"fullUrl", url}, {"resource", std::move(resource)}, {"search", {{"mode", "match"}}}};
}

}  // namespace

Json SearchSet(const FhirRequest& request, std::vector<Json> resources, const std::string& next_page_token) {
  Json links = Json::array({Link(request, "self", request.shown)});
  if (!next_page_token.empty()) {
    std::vector<Binding> next = request.shown;
    next.erase(
        std::remove_if(next.begin(), next.end(), [](const Binding& one) { return one.field_path == kPageParameter; }),
        next.end());
    next.push_back({kPageParameter, next_page_token});
    links.push_back(Link(request, "next", next));
  }
  Json bundle = {{"resourceType", "Bundle"}, {"type", "searchset"}, {"link", std::move(links)}};
  // An empty array isn't FHIR.
  if (resources.empty()) return bundle;
  Json& entries = bundle["entry"] = Json::array();
  for (Json& resource : resources) entries.push_back(Entry(request, std::move(resource)));
  return bundle;
}

absl::StatusOr<int> PageSize(const FhirRequest& request) {
  const std::string count = request.Parameter(kCountParameter);
  int size = 0;
  if (count.empty()) return size;
  if (!absl::SimpleAtoi(count, &size) || size < 1 || size > kMostOnAPage) {
    return InvalidField("http._count", absl::StrCat("must be 1 to ", kMostOnAPage));
  }
  return size;
}

}  // namespace lumbar::gateway::fhir
