#include "services/gateway/edge/admission.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <utility>

#include "common/digest/sha256.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/late_give_up.h"

namespace lumbar::gateway {
namespace {

constexpr size_t kDigestBytes = 16;

// Neither Redis nor this process's memory keeps it as it is; of an IPv4 address it can be guessed.
std::string KeyOf(absl::string_view kind, absl::string_view who) {
  return absl::StrCat(kind, ":", absl::BytesToHexString(Sha256(who).substr(0, kDigestBytes)));
}

}  // namespace

Admission::Admission(AdmissionOptions options, RateLimits& limits, auth::Authenticator& authenticator,
                     prometheus::Registry& registry)
    : options_(std::move(options)), limits_(&limits), authenticator_(&authenticator) {
  auto& family = prometheus::BuildCounter()
                     .Name("lumbar_edge_admissions_total")
                     .Help("Requests that were counted against an address or an identity, and by which limiter")
                     .Register(registry);
  constexpr std::array<const char*, kKinds> kKindNames = {"address", "identity"};
  constexpr std::array<const char*, 2> kLimiterNames = {"redis", "local"};
  for (size_t kind = 0; kind < kKinds; ++kind) {
    for (size_t limiter = 0; limiter < kLimiterNames.size(); ++limiter) {
      const auto counter = [&](const char* outcome) {
        return &family.Add({{"kind", kKindNames[kind]}, {"limiter", kLimiterNames[limiter]}, {"outcome", outcome}});
      };
      counters_[kind][limiter] = {counter("allowed"), counter("refused")};
    }
  }
}

GiveUp Admission::Admit(const Visitor& visitor, const Credentials& credentials, Proceed proceed) {
  std::vector<Bucket> buckets;
  std::vector<Kind> kinds;
  if (auto address = AddressBucket(visitor, credentials)) {
    // Before its token is looked at, which costs more than the rest.
    if (const auto known = limits_->KnownEmpty(*address)) return proceed(Decide({kAddress}, *known));
    buckets.push_back(*std::move(address));
    kinds.push_back(kAddress);
  }
  if (auto identity = IdentityBucket(credentials)) {
    buckets.push_back(*std::move(identity));
    kinds.push_back(kIdentity);
  }
  if (buckets.empty()) return proceed(absl::OkStatus());
  const auto begun = std::make_shared<LateGiveUp>();
  limits_->Take(std::move(buckets), [this, begun, kinds = std::move(kinds), on_loop = visitor.on_loop,
                                     proceed = std::move(proceed)](const Verdict& verdict) mutable {
    on_loop([begun, proceed = std::move(proceed), decision = Decide(kinds, verdict)] {
      begun->Start([&](bool is_given_up) { return proceed(is_given_up ? ClientGone() : decision); });
    });
  });
  return begun->Handle();
}

std::optional<Bucket> Admission::AddressBucket(const Visitor& visitor, const Credentials& credentials) const {
  if (!options_.per_address) return std::nullopt;
  const auto client = options_.trusted_proxies.ClientOf(visitor.peer, credentials.forwarded_for);
  return Bucket{KeyOf("address", NetworkOf(client)), *options_.per_address};
}

std::optional<Bucket> Admission::IdentityBucket(const Credentials& credentials) const {
  if (!options_.per_identity || credentials.authorization.size() != 1) return std::nullopt;
  const auto caller = authenticator_->Authenticate(credentials.authorization.front());
  if (!caller.ok()) return std::nullopt;
  return Bucket{KeyOf("identity", caller->subject), *options_.per_identity};
}

absl::Status Admission::Decide(const std::vector<Kind>& kinds, const Verdict& verdict) const {
  const auto of = [&](Kind kind) -> const Counters& { return counters_[kind][static_cast<size_t>(verdict.limiter)]; };
  if (verdict.empty) {
    of(kinds[*verdict.empty]).refused->Increment();
    return RateLimited(verdict.wait);
  }
  for (const Kind kind : kinds) of(kind).allowed->Increment();
  return absl::OkStatus();
}

}  // namespace lumbar::gateway
