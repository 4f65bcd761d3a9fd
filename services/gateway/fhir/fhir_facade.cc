#include "services/gateway/fhir/fhir_facade.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/answers.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/forwarding.h"
#include "services/gateway/fhir/conversation.h"
#include "services/gateway/fhir/interactions.h"
#include "services/gateway/fhir/outcome.h"
#include "services/gateway/fhir/request_form.h"

namespace lumbar::gateway {
namespace {

using fhir::FhirAnswer;
using fhir::Interaction;
using fhir::Json;

constexpr char kFhirType[] = "application/fhir+json; charset=utf-8";
constexpr absl::string_view kTimeout = "X-Request-Timeout";

std::string TextOf(const Json& resource) { return resource.dump(-1, ' ', false, Json::error_handler_t::replace); }

HttpAnswer Written(const FhirAnswer& answer) {
  HttpAnswer written(http::status::ok, 11);
  written.result(answer.status);
  written.set(http::field::content_type, kFhirType);
  if (!answer.version.empty()) written.set(http::field::etag, absl::StrCat("W/\"", answer.version, "\""));
  if (!answer.location.empty()) written.set(http::field::location, answer.location);
  written.body() = TextOf(answer.resource);
  return written;
}

absl::StatusOr<absl::Duration> TimeFor(const HttpRequest& request, const Limits& limits) {
  const auto header = request.find(View(kTimeout));
  if (header == request.end()) return limits.TimeOf(std::nullopt, false);
  double seconds = 0;
  if (!absl::SimpleAtod(View(header->value()), &seconds) || !(seconds > 0)) {
    return InvalidField("http.X-Request-Timeout", "give seconds, e.g. 2.5");
  }
  return limits.TimeOf(absl::Seconds(seconds), false);
}

absl::Status CheckUrl(const std::string& url) {
  const bool is_one = url.empty() || ((absl::StartsWith(url, "https://") || absl::StartsWith(url, "http://")) &&
                                      absl::EndsWith(url, fhir::kFacadePath));
  return is_one ? absl::OkStatus()
                : InvalidField("fhir-url", absl::StrCat("must be like https://care.example", fhir::kFacadePath));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FhirFacade>> FhirFacade::Create(FhirOptions options, const Limits& limits,
                                                               const Clock& calls, const Clock& now) {
  LUMBAR_RETURN_IF_ERROR(CheckUrl(options.url));
  std::unique_ptr<FhirFacade> facade(new FhirFacade(std::move(options), limits, calls, now));
  const auto& interactions = fhir::Interactions();
  for (size_t row = 0; row < interactions.size(); ++row) {
    LUMBAR_ASSIGN_OR_RETURN(PathTemplate path, ParsePathTemplate(fhir::TemplateOf(interactions[row])));
    LUMBAR_RETURN_IF_ERROR(facade->matcher_.Add(interactions[row].http_method, std::move(path), row));
  }
  return facade;
}

FhirFacade::FhirFacade(FhirOptions options, const Limits& limits, const Clock& calls, const Clock& now)
    : options_(std::move(options)), limits_(limits), calls_(calls), now_(now) {}

bool FhirFacade::Owns(absl::string_view path) const {
  return absl::ConsumePrefix(&path, fhir::kFacadePath) && (path.empty() || path.front() == '/');
}

std::string FhirFacade::Front() const { return absl::StrCat(fhir::kFacadePath, "/metadata"); }

absl::Status FhirFacade::Recognize(const HttpRequest& request, Exchange& exchange) const {
  exchange.protocol = "fhir";
  const absl::string_view method = request.method() == http::verb::head ? "GET" : View(request.method_string());
  LUMBAR_ASSIGN_OR_RETURN(PathMatcher::Match match, matcher_.Find(method, PathOf(request)));
  if (match.route == PathMatcher::kNoRoute) {
    if (match.allowed.empty()) return fhir::NoSuchInteraction();
    exchange.allowed = absl::StrJoin(match.allowed, ", ");
    return MethodNotAllowed(exchange.allowed);
  }
  const Interaction& interaction = fhir::Interactions()[match.route];
  exchange.facade_row = match.route;
  exchange.route_label = fhir::TemplateOf(interaction);
  exchange.rpc_name = absl::StrJoin(absl::StrSplit(interaction.method, '/', absl::SkipEmpty()), ".");
  exchange.bindings = std::move(match.bindings);
  return absl::OkStatus();
}

GiveUp FhirFacade::Answer(const HttpRequest& request, const Exchange& exchange, Upstream& upstream, Done done) const {
  const Interaction& interaction = fhir::Interactions()[exchange.facade_row];
  const auto refuse = [&](const absl::Status& failure) -> GiveUp {
    done(failure);
    return nullptr;
  };
  if (interaction.method[0] != '\0') {
    const absl::Status room = upstream.CheckRoom(interaction.method, false);
    if (!room.ok()) return refuse(room);
  }
  const auto time = TimeFor(request, limits_);
  if (!time.ok()) return refuse(time.status());
  auto metadata = ForwardedMetadata(exchange, request);
  if (!metadata.ok()) return refuse(metadata.status());
  const std::string base = BaseFor(request);
  const auto read = fhir::ReadRequest(request, interaction, exchange.bindings, base, now_.Now());
  if (!read.ok()) return refuse(read.status());
  const auto conversation = std::make_shared<fhir::Conversation>(
      upstream, *std::move(metadata), calls_, calls_.Now() + *time,
      [done = std::move(done)](const absl::StatusOr<FhirAnswer>& answer) {
        done(answer.ok() ? absl::StatusOr<HttpAnswer>(Written(*answer)) : answer.status());
      });
  return conversation->Begin(interaction.handler(*read));
}

HttpAnswer FhirFacade::Refuse(const Exchange& exchange, const absl::Status& failure) const {
  // For what every refusal's header has.
  HttpAnswer answer = ErrorAnswer(failure);
  answer.result(static_cast<unsigned>(fhir::FhirStatusOf(failure)));
  answer.set(http::field::content_type, kFhirType);
  if (!exchange.allowed.empty()) answer.set(http::field::allow, exchange.allowed);
  answer.body() = TextOf(fhir::Outcome(failure));
  return answer;
}

std::string FhirFacade::BaseFor(const HttpRequest& request) const {
  if (!options_.url.empty()) return options_.url;
  const absl::string_view host = View(request[http::field::host]);
  const bool is_plain = std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view(".-:[]_").find(c) != absl::string_view::npos;
  });
  // An address without a host is one in the client's own terms.
  if (!is_plain || host.empty()) return fhir::kFacadePath;
  return absl::StrCat(options_.is_tls ? "https://" : "http://", host, fhir::kFacadePath);
}

}  // namespace lumbar::gateway
