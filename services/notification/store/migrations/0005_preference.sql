-- How a patient wants to be reached.
CREATE TABLE preference (
  patient TEXT PRIMARY KEY,
  body TEXT NOT NULL          -- lumbar.notification.v1.Preferences
);

-- An address that asked, by the channel itself, for no more messages. It holds for whoever has the address.
CREATE TABLE opt_out (
  channel BIGINT NOT NULL,    -- lumbar.notification.v1.Channel
  address TEXT NOT NULL,      -- of a text: E.164
  create_time BIGINT NOT NULL,
  PRIMARY KEY (channel, address)
);
