// An upstream that answers each method as a test has said, and remembers what was asked.
#pragma once

#include <absl/strings/str_cat.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway::fhir {

class ScriptedUpstream final : public Upstream {
 public:
  void Answer(const std::string& method, absl::StatusOr<std::string> response) {
    answers_.insert_or_assign(method, std::move(response));
  }
  void Answer(const std::string& method, const google::protobuf::Message& response) {
    Answer(method, response.SerializeAsString());
  }
  // From now on calls wait until Release; with `is_stubborn`, also those that were given up.
  void Hold(bool is_stubborn = false) {
    is_holding_ = true;
    is_stubborn_ = is_stubborn;
  }
  void Release() {
    const auto held = std::move(held_);
    held_.clear();
    for (const auto& finish : held) finish();
  }

  GiveUp Call(UpstreamCall call, Callback done) override {
    const auto found = answers_.find(call.method);
    absl::StatusOr<std::string> answer =
        found == answers_.end() ? absl::InternalError(absl::StrCat("not scripted: ", call.method)) : found->second;
    calls_.push_back(std::move(call));
    if (!is_holding_) {
      done(std::move(answer));
      return nullptr;
    }
    const auto is_done = std::make_shared<bool>(false);
    const auto finish = [is_done, done = std::move(done)](absl::StatusOr<std::string> outcome) {
      if (!std::exchange(*is_done, true)) done(std::move(outcome));
    };
    held_.emplace_back([finish, answer] { finish(answer); });
    if (is_stubborn_) return [] {};
    return [finish] { finish(absl::CancelledError("given up")); };
  }
  std::shared_ptr<UpstreamStream> Open(UpstreamCall, std::shared_ptr<StreamTaker>) override { return nullptr; }
  void CancelAll() override {}

  const std::vector<UpstreamCall>& calls() const { return calls_; }
  std::vector<std::string> methods() const {
    std::vector<std::string> names;
    for (const auto& call : calls_) names.push_back(call.method.substr(call.method.rfind('/') + 1));
    return names;
  }
  // What the call of that index asked, which must be there.
  template <typename Request>
  Request Asked(size_t index) const {
    Request request;
    EXPECT_LT(index, calls_.size());
    if (index < calls_.size()) {
      EXPECT_TRUE(request.ParseFromString(calls_[index].request));
    }
    return request;
  }

 private:
  std::map<std::string, absl::StatusOr<std::string>> answers_;
  std::vector<UpstreamCall> calls_;
  bool is_holding_ = false;
  bool is_stubborn_ = false;
  std::vector<std::function<void()>> held_;
};

}  // namespace lumbar::gateway::fhir
