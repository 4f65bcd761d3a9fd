#include "services/gateway/consult/domain/consult_watch.h"

#include <compare>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/change_stream.h"
#include "common/status/macros.h"
#include "services/gateway/consult/domain/audience.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/domain/worklist.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;

// How a consult was from `time` on. Versions tell changes of one moment apart.
struct ConsultChange {
  absl::Time time;
  int64_t version = 0;

  friend std::strong_ordering operator<=>(const ConsultChange& a, const ConsultChange& b) = default;
};

ConsultChange LastChange(const Case& stored) { return {LastChangeOf(stored.consult), stored.version}; }

// The table has consults as they are, so that there is one change to read at a time: the last.
class ChangesOfOne final : public rpc::Changes<ConsultChange, v1::WatchConsultResponse> {
 public:
  ChangesOfOne(ConsultStore& cases, AccessGrants& grants, const Clock& clock, auth::Caller caller, std::string name,
               Right right)
      : cases_(cases),
        grants_(grants),
        clock_(clock),
        caller_(std::move(caller)),
        name_(std::move(name)),
        began_with_(right) {}

  absl::StatusOr<std::vector<ConsultChange>> Keys(const ConsultChange& after, int) override {
    LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(name_));
    const ConsultChange last = LastChange(found);
    return after < last ? std::vector<ConsultChange>{last} : std::vector<ConsultChange>{};
  }

  absl::StatusOr<bool> Read(const ConsultChange& key, v1::WatchConsultResponse& response) override {
    LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(name_));
    // What has changed since is told as the later change.
    if (LastChange(found) != key) return false;
    LUMBAR_ASSIGN_OR_RETURN(const Right right, RightToRead(caller_, found.consult, grants_, clock_.Now()));
    // Opened again it is audited as what it is.
    if (right == Right::kGrant && began_with_ == Right::kOwn) return NotYourConsult();
    // A resumer that takes the case on makes a version in which nothing else is new.
    std::string told = found.consult.SerializeAsString();
    if (told == told_) return false;
    told_ = std::move(told);
    *response.mutable_consult() = ShownTo(caller_, found, clock_.Now(), right);
    return true;
  }

 private:
  ConsultStore& cases_;
  AccessGrants& grants_;
  const Clock& clock_;
  const auth::Caller caller_;
  const std::string name_;
  const Right began_with_;
  // The last that was told.
  std::string told_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> ConsultWatch::WatchConsult(const rpc::CallContext& context,
                                                                              const v1::WatchConsultRequest& request) {
  // The same check, and what became of the visit without the consult.
  v1::GetConsultRequest read;
  read.set_name(request.name());
  LUMBAR_RETURN_IF_ERROR(desk_.GetConsult(context, read).status());
  const bool by_grant = context.audit_event() == kUseOfGrant;
  return rpc::ChangeStream<ConsultChange, v1::WatchConsultResponse>::Open(
      std::make_unique<ChangesOfOne>(cases_, grants_, clock_, context.caller(), request.name(),
                                     by_grant ? Right::kGrant : Right::kOwn),
      clock_, request.name(), request.resume_token(), rpc::FirstSent::kPresent);
}

}  // namespace lumbar::gateway
