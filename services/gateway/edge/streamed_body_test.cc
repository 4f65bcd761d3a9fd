#include "services/gateway/edge/streamed_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "services/gateway/edge/fake_upstream.h"

namespace lumbar::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Letters final : public PieceWriter {
 public:
  absl::StatusOr<std::string> Piece(const Exchange&, const std::string& message) const override {
    if (message == "bad") return absl::InternalError("bad");
    return message;
  }
  std::string LastPiece(const Exchange&, const absl::Status& status) const override { return status.ok() ? "." : "!"; }
};

class StreamedBodyTest : public ::testing::Test {
 protected:
  StreamedBodyTest() { body_->Attach(upstream_.Open({}, body_)); }

  void Take() {
    body_->Next([this](const std::optional<std::string>& piece) { taken_.push_back(piece.value_or("end")); });
  }

  Letters letters_;
  FakeUpstream upstream_;
  std::vector<absl::Status> begun_;
  std::vector<absl::Status> over_;
  size_t bytes_ = 0;
  bool gone_at_once_ = false;
  bool released_ = false;
  std::vector<std::string> taken_;
  std::shared_ptr<StreamedBody> body_ = std::make_shared<StreamedBody>(
      letters_, std::make_shared<Exchange>(),
      [this](const absl::Status& status, const std::shared_ptr<BodySource>&) {
        if (gone_at_once_) {
          // As a reader of another thread might, and the thread of the message that it asks for.
          Take();
          Take();
          body_->OnMessage("b");
          body_->End(absl::CancelledError("gone"));
        }
        EXPECT_THAT(over_, IsEmpty());
        begun_.push_back(status);
      },
      [this](const absl::Status& status, size_t bytes) {
        EXPECT_FALSE(released_);
        over_.push_back(status);
        bytes_ = bytes;
      },
      [this] { released_ = true; });
};

TEST_F(StreamedBodyTest, ReadsTheNextMessageOnlyWhenAPieceWasTaken) {
  EXPECT_EQ(upstream_.asked(), 1u);
  upstream_.Send("a");
  EXPECT_EQ(upstream_.asked(), 1u) << "a slow reader";
  Take();
  EXPECT_EQ(upstream_.asked(), 2u);
  Take();
  EXPECT_THAT(taken_, ElementsAre("a"));
  upstream_.Send("b");
  EXPECT_THAT(taken_, ElementsAre("a", "b"));
  EXPECT_EQ(upstream_.asked(), 3u);
}

TEST_F(StreamedBodyTest, BeginsWithTheFirstMessage) {
  EXPECT_THAT(begun_, IsEmpty());
  upstream_.Send("a");
  Take();
  upstream_.Send("b");
  EXPECT_THAT(begun_, ElementsAre(absl::OkStatus()));
}

TEST_F(StreamedBodyTest, EndsWithItsLastPieceBehindOneThatWaits) {
  upstream_.Send("a");
  upstream_.FinishStream(absl::OkStatus());
  Take();
  Take();
  EXPECT_THAT(taken_, ElementsAre("a.", "end"));
  EXPECT_THAT(over_, ElementsAre(absl::OkStatus()));
  EXPECT_EQ(bytes_, 2u);
}

TEST_F(StreamedBodyTest, TellsAFailureBeforeTheFirstMessageAsItsBeginning) {
  upstream_.FinishStream(absl::NotFoundError("none"));
  EXPECT_THAT(begun_, ElementsAre(absl::NotFoundError("none")));
  EXPECT_THAT(over_, ElementsAre(absl::NotFoundError("none")));
}

TEST_F(StreamedBodyTest, GivesTheCallUpWhenItsClientIsGone) {
  upstream_.Send("a");
  Take();
  Take();
  body_->End(absl::CancelledError("gone"));
  EXPECT_TRUE(upstream_.cancelled());
  EXPECT_THAT(taken_, ElementsAre("a", "!"));
  EXPECT_TRUE(released_);
  body_->OnMessage("late");
  upstream_.FinishStream(absl::CancelledError("gone"));
  body_->End(absl::CancelledError("again"));
  EXPECT_THAT(over_, ElementsAre(absl::CancelledError("gone")));
  Take();
  EXPECT_THAT(taken_, ElementsAre("a", "!", "end"));
}

TEST_F(StreamedBodyTest, TellsTheEndAfterTheBeginningAndLetsGoLast) {
  gone_at_once_ = true;
  EXPECT_FALSE(released_);
  upstream_.Send("a");
  EXPECT_THAT(begun_, ElementsAre(absl::OkStatus()));
  EXPECT_THAT(over_, ElementsAre(absl::CancelledError("gone")));
  EXPECT_TRUE(released_);
}

TEST_F(StreamedBodyTest, EndsAStreamWhoseMessageIsNotWhatTheContractSays) {
  upstream_.Send("a");
  Take();
  Take();
  upstream_.Send("bad");
  EXPECT_TRUE(upstream_.cancelled());
  EXPECT_THAT(taken_, ElementsAre("a", "!"));
  EXPECT_THAT(over_, ElementsAre(absl::InternalError("bad")));
}

}  // namespace
}  // namespace lumbar::gateway
