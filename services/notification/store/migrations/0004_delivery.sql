-- Which provider took the message over, and what that calls it: its callbacks name it so. '' before.
ALTER TABLE message ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN provider_reference TEXT NOT NULL DEFAULT '';
-- 1: a try ended without anybody knowing how; the provider is asked before the next one.
ALTER TABLE message ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0;
-- What was given up (MESSAGE_STATE_DEAD) is looked through by due time, and is little among much.
CREATE INDEX message_dead ON message (due_time, name) WHERE state = 4;
