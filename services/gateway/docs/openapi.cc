#include "services/gateway/docs/openapi.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.h>
#include <google/rpc/code.pb.h>
#include <google/rpc/error_details.pb.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "lumbar/options/v1/options.pb.h"
#include "services/gateway/docs/operation.h"
#include "services/gateway/docs/schemas.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using Json = nlohmann::ordered_json;

constexpr char kAbout[] =
    "Virtual back-pain care: triage, articles, visits.\n\n"
    "- Answers are proto3's canonical JSON: enums by name, 64-bit integers as text, and what has its default value is "
    "left out. A request may leave it out, too.\n"
    "- Every answer has an `X-Request-Id`: the request's if it is 1 to 64 of `[A-Za-z0-9._-]`. `X-Request-Timeout: "
    "2.5` "
    "asks for an answer within so many seconds.\n"
    "- Errors are those of AIP-193; the reason among their details is what programs look at.\n"
    "- A mutation's `requestId` makes it safe to repeat: the same id gives the same answer.\n"
    "- Fields marked `x-lumbar-patient-data` are refused in URLs, and appear in no log.\n"
    "- The same methods can be called by Connect, gRPC-Web and gRPC, by the name in `x-lumbar-rpc`.";

// What ErrorAnswer writes (AIP-193).
Json ErrorSchema(Schemas& schemas) {
  Json codes = Json::array();
  const auto* code = google::rpc::Code_descriptor();
  for (int i = 1; i < code->value_count(); ++i) codes.push_back(code->value(i)->name());
  Json details = Json::array();
  for (const Descriptor* type : {google::rpc::ErrorInfo::descriptor(), google::rpc::BadRequest::descriptor(),
                                 google::rpc::RetryInfo::descriptor()}) {
    Json detail = schemas.ObjectOf(*type);
    detail["properties"]["@type"] = {{"const", absl::StrCat("type.googleapis.com/", type->full_name())}};
    detail["required"].push_back("@type");
    details.push_back(std::move(detail));
  }
  details.push_back({{"type", "object"}, {"required", {"@type"}}});
  const Json error = {{"type", "object"},
                      {"properties",
                       {{"code", {{"type", "integer"}, {"description", "The HTTP status."}}},
                        {"message", {{"type", "string"}, {"description", "For a person; never repeats a value."}}},
                        {"status", {{"type", "string"}, {"enum", codes}}},
                        {"details", {{"type", "array"}, {"items", {{"anyOf", details}}}}}}},
                      {"required", {"code", "message", "status", "details"}}};
  return {{"type", "object"}, {"properties", {{"error", error}}}, {"required", Json::array({"error"})}};
}

Json SecuritySchemes() {
  return {{kTokenScheme,
           {{"type", "http"},
            {"scheme", "bearer"},
            {"bearerFormat", "JWT"},
            {"description", "Who the caller is. Each operation lists the roles of which one is needed."}}},
          {kSignatureScheme,
           {{"type", "apiKey"},
            {"in", "header"},
            {"name", "X-Twilio-Signature"},
            {"description", "A provider's, of the address and the body."}}}};
}

std::vector<const Descriptor*> TypesOf(const RouteTable& routes) {
  std::set<const Descriptor*> types = {google::rpc::ErrorInfo::descriptor(), google::rpc::BadRequest::descriptor(),
                                       google::rpc::RetryInfo::descriptor()};
  for (const Route& route : routes.routes()) {
    types.insert(route.method->input_type());
    types.insert(route.method->output_type());
  }
  return {types.begin(), types.end()};
}

// What a request may have: no field that it doesn't know. A patient's own name is filled in where it is left out,
// before a request is checked.
void AddRequests(const RouteTable& routes, Schemas& schemas) {
  for (const Route& route : routes.routes()) {
    schemas.Close(*route.method->input_type());
    const auto& policy = route.method->options().GetExtension(options::v1::policy);
    const auto* owner = route.method->input_type()->FindFieldByName(policy.owner_field());
    if (policy.ownership() == options::v1::OWNERSHIP_REQUEST && owner != nullptr) schemas.MakeOptional(*owner);
  }
}

// "BookingService.ListAppointments", and ".2" behind a method's second route.
std::string IdOf(const Route& route, std::map<std::string, int>& counts) {
  const std::string name = absl::StrCat(route.method->service()->name(), ".", route.method->name());
  const int count = ++counts[name];
  return count == 1 ? name : absl::StrCat(name, ".", count);
}

}  // namespace

absl::StatusOr<std::string> OpenApiOf(const RouteTable& routes, const Comments& comments) {
  LUMBAR_ASSIGN_OR_RETURN(Schemas schemas, Schemas::Create(TypesOf(routes), comments));
  AddRequests(routes, schemas);
  Json paths = Json::object();
  Json tags = Json::array();
  std::set<std::string> services;
  std::map<std::string, int> counts;
  for (const Route& route : routes.routes()) {
    if (!route.served) continue;
    const std::string& service = route.method->service()->full_name();
    if (services.insert(service).second) {
      tags.push_back({{"name", service}, {"description", std::string(comments.Of(service))}});
    }
    LUMBAR_ASSIGN_OR_RETURN(const PathTemplate path_template, ParsePathTemplate(route.path_template));
    paths[OpenApiPathOf(path_template).text][absl::AsciiStrToLower(route.http_method)] =
        OperationOf(route, path_template, IdOf(route, counts), schemas, comments);
  }
  Json components = {{"securitySchemes", SecuritySchemes()},
                     {"responses",
                      {{kErrorResponse,
                        {{"description", "Why there is no answer (AIP-193)."},
                         {"content", {{"application/json", {{"schema", ErrorSchema(schemas)}}}}}}}}}};
  components["schemas"] = schemas.TakeComponents();
  const Json document = {{"openapi", "3.1.0"},
                         {"info", {{"title", "Lumbar"}, {"version", "v1"}, {"description", kAbout}}},
                         {"tags", std::move(tags)},
                         {"paths", std::move(paths)},
                         {"components", std::move(components)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lumbar::gateway
