-- When a message changed last: who watches reads on from a time. 0: before this was kept.
ALTER TABLE message ADD COLUMN update_time BIGINT NOT NULL DEFAULT 0;
CREATE INDEX message_by_update_time ON message (update_time, name);
