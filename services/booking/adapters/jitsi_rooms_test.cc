// Links into Jitsi's rooms, read back by another JWT library.
#include "services/booking/adapters/jitsi_rooms.h"

#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>

#include "common/auth/encoding.h"
#include "common/status/matchers.h"
#include "services/booking/testing/secret_file.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

RoomPass Pass(absl::string_view appointment = "appointments/1") {
  return {appointment, "Maya Chen, DO", true, absl::FromUnixSeconds(1'772'000'000),
          absl::FromUnixSeconds(1'772'003'600)};
}

// What node's crypto, which shares no line with us, says is the signature.
std::string SignatureByNode(const std::string& signed_part) {
  const std::string command = absl::StrCat("node -e 'process.stdout.write(require(\"crypto\").createHmac(\"sha256\",\"",
                                           kSecret, "\").update(\"", signed_part, "\").digest(\"base64url\"))'");
  FILE* const pipe = popen(command.c_str(), "r");
  std::array<char, 128> text{};
  const size_t size = fread(text.data(), 1, text.size(), pipe);
  pclose(pipe);
  return std::string(text.data(), size);
}

TEST(JitsiRoomsTest, GivesALinkThatAnotherLibraryTrusts) {
  ASSERT_OK_AND_ASSIGN(const auto rooms,
                       JitsiRooms::Open({"meet.clinic.example", "lumbar", SecretFile(absl::StrCat(kSecret, "\n"))}));
  const std::vector<std::string> parts = absl::StrSplit(rooms->JoinUri(Pass()), "?jwt=");
  ASSERT_EQ(parts.size(), 2u);
  const std::vector<std::string> token = absl::StrSplit(parts[1], '.');
  ASSERT_EQ(token.size(), 3u);
  EXPECT_EQ(*auth::Base64UrlDecode(token[0]), R"({"alg":"HS256","typ":"JWT"})");
  const auto claims = nlohmann::json::parse(*auth::Base64UrlDecode(token[1]));
  EXPECT_EQ("https://meet.clinic.example/" + claims["room"].get<std::string>(), parts[0]);
  EXPECT_EQ(claims["iss"], "lumbar");
  EXPECT_EQ(claims["aud"], "jitsi");
  EXPECT_EQ(claims["sub"], "meet.clinic.example");
  EXPECT_EQ(claims["nbf"], 1'772'000'000);
  EXPECT_EQ(claims["exp"], 1'772'003'600);
  EXPECT_EQ(claims["context"]["user"]["name"], "Maya Chen, DO");
  EXPECT_EQ(claims["context"]["user"]["moderator"], true);
  EXPECT_EQ(token[2], SignatureByNode(token[0] + "." + token[1]));
}

TEST(JitsiRoomsTest, HasOneRoomForEachVisitWhoseNameTellsNothing) {
  ASSERT_OK_AND_ASSIGN(const auto rooms, JitsiRooms::Open({"meet.clinic.example", "lumbar", SecretFile(kSecret)}));
  RoomPass patient = Pass();
  patient.display_name = "Patient";
  patient.leads = false;
  const auto room = [&](const RoomPass& pass) {
    const std::string uri = rooms->JoinUri(pass);
    return uri.substr(0, uri.find('?'));
  };
  EXPECT_EQ(room(patient), room(Pass()));
  EXPECT_NE(rooms->JoinUri(patient), rooms->JoinUri(Pass()));
  EXPECT_EQ(rooms->JoinUri(Pass()), rooms->JoinUri(Pass()));
  EXPECT_NE(room(Pass("appointments/2")), room(Pass()));
  EXPECT_THAT(rooms->JoinUri(Pass()), testing::Not(testing::HasSubstr("appointments")));
}

TEST(JitsiRoomsTest, RefusesASettingThatWouldLetAnybodyIn) {
  const auto refused = FailsWith(StatusCode::kInvalidArgument, "VIDEO_REFUSED");
  EXPECT_THAT(JitsiRooms::Open({"meet.clinic.example", "lumbar", SecretFile("short")}), refused);
  EXPECT_THAT(JitsiRooms::Open({"meet.clinic.example", "lumbar", "/nowhere"}), refused);
  EXPECT_THAT(JitsiRooms::Open({"meet.clinic.example", "", SecretFile(kSecret)}), refused);
  for (const char* domain : {"", "https://meet.example", "meet.example/a", "meet example", "meet.example?x"}) {
    EXPECT_THAT(JitsiRooms::Open({domain, "lumbar", SecretFile(kSecret)}), refused) << domain;
  }
}

}  // namespace
}  // namespace lumbar::booking
