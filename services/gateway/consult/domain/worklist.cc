#include "services/gateway/consult/domain/worklist.h"

#include <absl/algorithm/container.h>

#include <algorithm>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"

namespace lumbar::gateway {
namespace {

using consult::v1::Consult;

std::vector<consult::v1::ConsultState> StatesOf(const consult::v1::ListConsultsRequest& request) {
  std::vector<consult::v1::ConsultState> states;
  if (request.state() != consult::v1::CONSULT_STATE_UNSPECIFIED) states.push_back(request.state());
  for (const int state : request.states()) {
    if (state == consult::v1::CONSULT_STATE_UNSPECIFIED) continue;
    states.push_back(static_cast<consult::v1::ConsultState>(state));
  }
  return states;
}

}  // namespace

const std::string& WorkerOf(const Consult& consult) {
  return consult.handler().empty() ? consult.chosen_slot().clinician() : consult.handler();
}

bool HadVisit(const Consult& consult) {
  return consult.state() == consult::v1::CONSULT_STATE_COMPLETED ||
         consult.state() == consult::v1::CONSULT_STATE_NO_SHOW;
}

bool IsOver(const Consult& consult) {
  switch (consult.state()) {
    case consult::v1::CONSULT_STATE_EMERGENCY:
    case consult::v1::CONSULT_STATE_CANCELLED:
    case consult::v1::CONSULT_STATE_EXPIRED:
      return true;
    default:
      return HadVisit(consult);
  }
}

ListedFacts FactsOf(const Consult& consult) {
  return {WorkerOf(consult), consult.has_respond_by_time(), !IsOver(consult), consult.state()};
}

bool IsListed(const ConsultQuery& query, const std::string& patient, const ListedFacts& facts) {
  if (facts.state == kNoState) return false;
  if (!query.patient.empty() && query.patient != patient) return false;
  if (!query.worker.empty() && query.worker != facts.worker) return false;
  if (query.queue && !facts.waits) return false;
  if (query.open && !facts.open) return false;
  return query.states.empty() || facts.state == kAnyState || absl::c_linear_search(query.states, facts.state);
}

absl::Time UrgentBy(const Consult& consult) {
  if (!consult.has_assessment()) return FromProto(consult.create_time());
  const auto& assessment = consult.assessment();
  return assessment.has_act_by_time() ? FromProto(assessment.act_by_time()) : absl::InfiniteFuture();
}

absl::Time LastChangeOf(const Consult& consult) {
  return std::max(FromProto(consult.create_time()), FromProto(consult.update_time()));
}

absl::StatusOr<ConsultQuery> QueryFor(const auth::Caller& caller, const consult::v1::ListConsultsRequest& request) {
  ConsultQuery query;
  query.patient = request.patient();
  query.states = StatesOf(request);
  query.by_urgency = request.order() == consult::v1::CONSULT_ORDER_URGENCY;
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  const bool is_clinician = caller.role == options::v1::ROLE_CLINICIAN;
  const bool worklist = request.view() == consult::v1::CONSULT_VIEW_WORKLIST ||
                        (is_clinician && request.view() == consult::v1::CONSULT_VIEW_UNSPECIFIED);
  if (worklist) {
    query.worker = request.clinician().empty() ? caller.subject : request.clinician();
    if (is_clinician && query.worker != caller.subject) return NotYourConsult();
  } else if (!request.clinician().empty()) {
    return InvalidField("clinician", "is for CONSULT_VIEW_WORKLIST alone");
  }
  query.queue = request.view() == consult::v1::CONSULT_VIEW_STAFF_QUEUE;
  query.open = query.states.empty() && (worklist || query.by_urgency);
  return query;
}

}  // namespace lumbar::gateway
