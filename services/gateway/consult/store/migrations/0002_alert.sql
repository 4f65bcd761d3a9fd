-- When the staff is to be told next of a consult that waits for them (0: not at all), how often they were told, and the
-- key of the next telling, chosen before it, so that a retry after a crash is the same call.
ALTER TABLE consult ADD COLUMN alert_time BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consult ADD COLUMN alerts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consult ADD COLUMN alert_request_id TEXT NOT NULL DEFAULT '';
CREATE INDEX consult_by_alert_time ON consult (alert_time) WHERE alert_time > 0;
