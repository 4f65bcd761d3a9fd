-- Whose visit it is, to know a patient by the telephone: of the latest version, like `body`. Of what was taken before
-- this, empty until its next version.
ALTER TABLE appointment ADD COLUMN patient TEXT NOT NULL DEFAULT '';
ALTER TABLE appointment ADD COLUMN phone_number TEXT NOT NULL DEFAULT '';  -- E.164, or empty
ALTER TABLE appointment ADD COLUMN take_time BIGINT NOT NULL DEFAULT 0;
CREATE INDEX appointment_by_phone_number ON appointment (phone_number) WHERE phone_number <> '';
CREATE INDEX appointment_by_patient ON appointment (patient, take_time);

-- What patients text, by telephone.
CREATE TABLE conversation (
  name TEXT PRIMARY KEY,
  number TEXT NOT NULL,           -- E.164, or what a provider calls a sender who can't be answered
  state BIGINT NOT NULL,          -- lumbar.notification.v1.ConversationState
  urgency BIGINT NOT NULL,        -- lumbar.notification.v1.ConversationUrgency
  assignee TEXT NOT NULL,
  place BIGINT NOT NULL,          -- in the list: 0 emergency, 1 unscanned, 2 routine, 3 answered, 4 closed
  since BIGINT NOT NULL,          -- when it came there; of one that waits, since when the patient does
  escalate_time BIGINT NOT NULL,  -- when staff is told that it waits; 0: never
  revision BIGINT NOT NULL,
  body TEXT NOT NULL              -- lumbar.notification.v1.Conversation
);
-- Of one number only one is open.
CREATE UNIQUE INDEX conversation_open ON conversation (number) WHERE state <> 3;
CREATE INDEX conversation_by_number ON conversation (number, since);
CREATE INDEX conversation_by_place ON conversation (place, since, name);
CREATE INDEX conversation_by_escalation ON conversation (escalate_time) WHERE escalate_time > 0;

CREATE TABLE conversation_text (
  conversation TEXT NOT NULL,
  position BIGINT NOT NULL,
  message TEXT NOT NULL,          -- that brings an answer; '': it is the patient's
  body TEXT NOT NULL,             -- lumbar.notification.v1.ConversationText
  PRIMARY KEY (conversation, position)
);

-- How many texts of a number were answered by the program itself in the hour that begins at `hour`.
CREATE TABLE texter (
  number TEXT PRIMARY KEY,
  hour BIGINT NOT NULL,
  answered BIGINT NOT NULL
);
CREATE INDEX texter_by_hour ON texter (hour);
