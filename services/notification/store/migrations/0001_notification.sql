-- Times are microseconds since 1970 UTC; messages are protobuf JSON.

-- The latest version of each appointment that an event told of. The only place where a patient's address is.
CREATE TABLE appointment (
  name TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  body TEXT NOT NULL          -- lumbar.booking.v1.Appointment: name, contact and slot
);

CREATE TABLE message (
  name TEXT PRIMARY KEY,
  appointment TEXT NOT NULL,
  version BIGINT NOT NULL,    -- of the appointment that it was planned for
  kind BIGINT NOT NULL,       -- lumbar.notification.v1.MessageKind
  channel BIGINT NOT NULL,    -- lumbar.notification.v1.Channel
  due_time BIGINT NOT NULL,
  state BIGINT NOT NULL,      -- lumbar.notification.v1.MessageState
  reason TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  sent_time BIGINT NOT NULL,  -- 0: not sent
  try_time BIGINT NOT NULL,   -- nobody claims it before: its due time, the end of a lease, or the next try
  fence BIGINT NOT NULL,      -- counts claims
  unsettled BIGINT NOT NULL,  -- claims since the last one that was settled
  UNIQUE (appointment, version, kind, channel)
);
CREATE INDEX message_by_try_time ON message (state, try_time);
CREATE INDEX message_by_due_time ON message (due_time, name);
