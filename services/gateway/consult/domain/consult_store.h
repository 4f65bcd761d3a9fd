// Where consults live. Every change is one transaction.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "common/store/mutation.h"
#include "lumbar/consult/v1/consult_service.pb.h"

namespace lumbar::gateway {

// A consult with what the saga must remember and nobody else may see.
struct Case {
  consult::v1::Consult consult;
  // The proof that booking asks for.
  std::string signed_assessment;
  // Keys of the two booking calls, chosen before they are made, so that a retry after a crash is the same call.
  std::string hold_request_id;
  std::string confirm_request_id;
  // The same for the calls that give a declined time up.
  std::string decline_request_id;
  // Whose move it is: no resumer touches the case before this time.
  absl::Time lease_end = absl::InfinitePast();
  // When the staff is to be told next that it waits for them; InfiniteFuture: not at all.
  absl::Time alert_time = absl::InfiniteFuture();
  // How often they were told, and the key of the next telling, chosen before it.
  int alerts = 0;
  std::string alert_request_id;
  // Counts changes; a save of an older one is refused.
  int64_t version = 0;
  // As it was read: the version in which what can be seen of it changed last. The store's.
  int64_t change_version = 0;
};

// Which consults a list has, in which order, and which part of it.
struct ConsultQuery {
  // Empty: everybody's.
  std::string patient = {};
  // Only those that this person looks after (worklist.h); empty: all.
  std::string worker = {};
  // Only those that wait for the staff and that nobody has taken on.
  bool queue = false;
  // Empty: all.
  std::vector<consult::v1::ConsultState> states = {};
  // Only those that aren't over.
  bool open = false;
  // Else the newest first.
  bool by_urgency = false;
  int page_size = 0;
  std::string page_token = {};
};

// Thread safe. Every function can also fail as common/store says.
class ConsultStore {
 public:
  virtual ~ConsultStore() = default;

  // Takes a new case down. A repeated request_id returns the case as it is now; with another body:
  // INVALID_ARGUMENT/REQUEST_ID_REUSED.
  virtual absl::StatusOr<Case> Create(const store::Mutation& mutation, const Case& wanted) = 0;

  // The case that an earlier Create with this key took down. NOT_FOUND/CONSULT_NOT_FOUND: there was none.
  virtual absl::StatusOr<Case> FindRequested(const store::Mutation& mutation) = 0;

  // NOT_FOUND/CONSULT_NOT_FOUND.
  virtual absl::StatusOr<Case> Find(absl::string_view name) = 0;

  // Applies `change` to the stored case, or to nothing at all if it fails. A repeated request_id doesn't apply it again
  // and returns the case as it is now. NOT_FOUND/CONSULT_NOT_FOUND, INVALID_ARGUMENT/REQUEST_ID_REUSED.
  virtual absl::StatusOr<Case> Change(const store::Mutation& mutation, absl::string_view name,
                                      absl::FunctionRef<absl::Status(Case&)> change) = 0;

  // Stores a case that was read before. ABORTED/CHANGED_MEANWHILE: somebody else was quicker; nothing is stored.
  virtual absl::StatusOr<Case> Save(Case changed) = 0;

  // Whether the patient has an emergency that was taken down at `since` or later.
  virtual absl::StatusOr<bool> HasEmergency(absl::string_view patient, absl::Time since) = 0;

  // As the contract says of ListConsults. Reads what is on the page and little more.
  virtual absl::StatusOr<consult::v1::ListConsultsResponse> List(const ConsultQuery& query) = 0;

  // Cases that wait for the saga's next step, or of which the staff is to be told by now, and whose lease has ended;
  // each is leased to the caller until `lease_end`. One that can't be read is left out until then, and logged.
  virtual absl::StatusOr<std::vector<Case>> ClaimUnfinished(absl::Time now, absl::Time lease_end, int limit) = 0;

  // The same of cases that have come to their end by now (DueTimeOf, ending.h), the longest ago first.
  virtual absl::StatusOr<std::vector<Case>> ClaimDue(absl::Time now, absl::Time lease_end, int limit) = 0;
};

}  // namespace lumbar::gateway
