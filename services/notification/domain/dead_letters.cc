#include "services/notification/domain/dead_letters.h"

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/message_pages.h"

namespace lumbar::notification {
namespace {

constexpr int32_t kDefaultReplay = 100;

}  // namespace

absl::StatusOr<v1::ListDeadLettersResponse> DeadLetters::ListDeadLetters(const rpc::CallContext&,
                                                                         const v1::ListDeadLettersRequest& request) {
  v1::ListMessagesRequest dead;
  dead.set_state(v1::MESSAGE_STATE_DEAD);
  dead.set_page_size(request.page_size());
  dead.set_page_token(request.page_token());
  LUMBAR_ASSIGN_OR_RETURN(v1::ListMessagesResponse found, ReadPage(messages_, dead));
  v1::ListDeadLettersResponse response;
  *response.mutable_messages() = std::move(*found.mutable_messages());
  response.set_next_page_token(found.next_page_token());
  return response;
}

absl::StatusOr<v1::ReplayDeadLetterResponse> DeadLetters::ReplayDeadLetter(const rpc::CallContext& context,
                                                                           const v1::ReplayDeadLetterRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(v1::ReplayDeadLetterResponse response, messages_.Replay(context.mutation(), request.name()));
  on_replay_();
  return response;
}

absl::StatusOr<v1::ReplayDeadLettersResponse> DeadLetters::ReplayDeadLetters(
    const rpc::CallContext& context, const v1::ReplayDeadLettersRequest& request) {
  ReplayTerms terms;
  terms.reason = request.reason();
  if (request.has_given_up_by()) terms.given_up_by = FromProto(request.given_up_by());
  terms.limit = request.limit() == 0 ? kDefaultReplay : request.limit();
  LUMBAR_ASSIGN_OR_RETURN(Replayed replayed, messages_.ReplayMany(context.mutation(), terms));
  if (replayed.dropped > 0) observer_.Dropped(kStale, replayed.dropped);
  if (replayed.response.replayed_count() > 0) on_replay_();
  return std::move(replayed.response);
}

}  // namespace lumbar::notification
