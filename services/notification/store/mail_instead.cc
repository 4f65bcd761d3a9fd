#include "services/notification/store/mail_instead.h"

#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/notification/store/message_table.h"

namespace lumbar::notification {

void MailInstead(soci::session& session, const v1::Message& text, absl::Time now) {
  v1::Message mail = NewMessage(text.appointment(), text.kind(), text.appointment_version(), now);
  mail.set_channel(v1::CHANNEL_EMAIL);
  if (text.has_expire_time()) *mail.mutable_expire_time() = text.expire_time();
  InsertUnlessPlanned(session, mail);
}

}  // namespace lumbar::notification
