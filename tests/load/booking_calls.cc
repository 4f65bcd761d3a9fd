#include "tests/load/booking_calls.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/rpc/grpc_wire.h"

namespace lumbar::load {
namespace {

double Percentile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(part * static_cast<double>(sorted.size())))];
}

std::string FieldOf(const http2::Answered& answered, const std::string& name) {
  // An answer without a body is one header.
  for (const auto* fields : {&answered.trailer, &answered.header}) {
    if (const auto found = fields->find(name); found != fields->end()) return found->second;
  }
  return "";
}

absl::Status Read(const http2::Answered* answered, google::protobuf::Message& response) {
  if (answered == nullptr) return absl::UnavailableError("no answer came");
  int code = 0;
  if (!absl::SimpleAtoi(FieldOf(*answered, "grpc-status"), &code)) return absl::UnavailableError("the stream broke");
  if (code != 0) return {static_cast<absl::StatusCode>(code), FieldOf(*answered, "grpc-message")};
  const auto message = rpc::MessageIn(answered->body);
  if (!message.ok()) return message.status();
  if (!response.ParseFromArray(message->data(), static_cast<int>(message->size()))) {
    return absl::InternalError("the answer can't be read");
  }
  return absl::OkStatus();
}

}  // namespace

void Tally::Count(Clock::time_point sent, const absl::Status& status) {
  const std::chrono::duration<double, std::milli> took = Clock::now() - sent;
  const std::lock_guard<std::mutex> lock(mutex_);
  milliseconds_.push_back(took.count());
  if (status.ok()) return;
  if (failed_++ == 0) failure_ = std::string(status.message());
}

std::string Tally::Json(const std::string& name) {
  std::sort(milliseconds_.begin(), milliseconds_.end());
  std::ostringstream json;
  json << "\"" << name << "\":{\"calls\":" << milliseconds_.size() << ",\"failed\":" << failed_
       << ",\"p50Ms\":" << Percentile(milliseconds_, 0.5) << ",\"p99Ms\":" << Percentile(milliseconds_, 0.99) << "}";
  return json.str();
}

BookingCalls::BookingCalls(uint16_t port, const std::string& token, Tally& holds, Tally& confirms)
    : client_(port), authorization_(absl::StrCat("Bearer ", token)), holds_(holds), confirms_(confirms) {}

template <typename Response>
void BookingCalls::Begin(absl::string_view method, const google::protobuf::Message& request, Tally& tally,
                         std::function<void(const absl::Status&, const Response&)> give) {
  const int32_t id = client_.Begin(absl::StrCat("/lumbar.booking.v1.BookingService/", method), rpc::FrameOf(request),
                                   {{"content-type", "application/grpc"},
                                    {"te", "trailers"},
                                    {"grpc-timeout", "10S"},
                                    {"authorization", authorization_}});
  waiting_.emplace_back(id,
                        [sent = Tally::Clock::now(), &tally, give = std::move(give)](const http2::Answered* answer) {
                          Response response;
                          const absl::Status status = Read(answer, response);
                          tally.Count(sent, status);
                          give(status, response);
                        });
}

void BookingCalls::Hold(const booking::v1::CreateHoldRequest& request, GiveHold give) {
  Begin("CreateHold", request, holds_, std::move(give));
}

void BookingCalls::Confirm(const std::string& hold, const std::string& request_id, GiveAppointment give) {
  booking::v1::ConfirmHoldRequest request;
  request.set_name(hold);
  request.set_request_id(request_id);
  Begin("ConfirmHold", request, confirms_, std::move(give));
}

void BookingCalls::Run() {
  const auto closed = [this](const auto& call) { return client_.answer(call.first).closed; };
  while (!waiting_.empty()) {
    const bool heard = client_.Until([&] { return std::any_of(waiting_.begin(), waiting_.end(), closed); });
    const bool lost = !heard || client_.closed();
    const auto rest = std::stable_partition(waiting_.begin(), waiting_.end(),
                                            [&](const auto& call) { return !lost && !closed(call); });
    const std::vector<std::pair<int32_t, Finish>> ended(std::make_move_iterator(rest),
                                                        std::make_move_iterator(waiting_.end()));
    waiting_.erase(rest, waiting_.end());
    for (const auto& [id, finish] : ended) finish(closed(std::pair(id, 0)) ? &client_.answer(id) : nullptr);
    if (lost) client_.Send(absl::ZeroDuration());
  }
}

}  // namespace lumbar::load
