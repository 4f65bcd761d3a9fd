-- Which provider took the message over, and what that calls it: its callbacks name it so. '' before.
ALTER TABLE message ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN provider_reference TEXT NOT NULL DEFAULT '';
-- 1: a try ended without anybody knowing how; the provider is asked before the next one.
ALTER TABLE message ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0;
