#include "services/notification/store/opt_out_table.h"

#include <cstdint>

#include "common/store/proto_column.h"
#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

constexpr int64_t kSms = v1::CHANNEL_SMS;

}  // namespace

bool HasOptedOut(soci::session& session, const std::string& number) {
  int64_t found = 0;
  session << "SELECT COUNT(*) FROM opt_out WHERE channel = :channel AND address = :number", into(found),
      use(kSms, "channel"), use(number, "number");
  return found > 0;
}

void SetOptedOut(soci::session& session, const std::string& number, bool opted_out, absl::Time now) {
  const int64_t micros = store::Micros(now);
  if (opted_out) {
    session << "INSERT INTO opt_out (channel, address, create_time) VALUES (:channel, :number, :now) "
               "ON CONFLICT (channel, address) DO NOTHING",
        use(kSms, "channel"), use(number, "number"), use(micros, "now");
  } else {
    session << "DELETE FROM opt_out WHERE channel = :channel AND address = :number", use(kSms, "channel"),
        use(number, "number");
  }
}

}  // namespace lumbar::notification
