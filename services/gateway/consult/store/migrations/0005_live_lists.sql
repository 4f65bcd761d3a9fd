-- When a consult is to be looked at although nobody asks: its offers are over, or its visit has ended (0: never).
-- visit_end, which lists went by before, isn't read any more.
ALTER TABLE consult ADD COLUMN due_time BIGINT NOT NULL DEFAULT 0;
-- The version that worker, urgency, respond_by and due_time are of. An older program beside this one changes the version
-- alone; they are filled in then.
ALTER TABLE consult ADD COLUMN listed_version BIGINT NOT NULL DEFAULT -1;
-- The version in which `message` changed last: merely claiming a consult makes one in which it didn't.
ALTER TABLE consult ADD COLUMN change_version BIGINT NOT NULL DEFAULT -1;
CREATE INDEX consult_by_due_time ON consult (due_time) WHERE due_time > 0;
CREATE INDEX consult_unlisted ON consult (name) WHERE listed_version <> version;

-- Each change of a consult that can be seen, kept for a day for those who follow lists: which lists had it before and have
-- it after. States are lumbar.consult.v1.ConsultState; before: 0 if an older program didn't say, -1 if there was no consult.
CREATE TABLE consult_change (
  change_time BIGINT NOT NULL,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  patient TEXT NOT NULL,
  worker TEXT NOT NULL,
  waits BIGINT NOT NULL,          -- 1: for the staff, and nobody has taken it on
  open BIGINT NOT NULL,           -- 1: it isn't over
  state BIGINT NOT NULL,
  left_worker TEXT NOT NULL,
  left_waits BIGINT NOT NULL,
  left_open BIGINT NOT NULL,
  left_state BIGINT NOT NULL,
  PRIMARY KEY (change_time, name, version)
);
