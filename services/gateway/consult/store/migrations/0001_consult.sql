-- One row per consult. `message` is the consult as protobuf JSON; the columns beside it are what queries need and what
-- the saga remembers. Times are microseconds since 1970 UTC.
CREATE TABLE consult (
  name TEXT NOT NULL PRIMARY KEY,
  patient TEXT NOT NULL,
  state BIGINT NOT NULL,
  version BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  lease_end BIGINT NOT NULL,
  signed_assessment TEXT NOT NULL,
  hold_request_id TEXT NOT NULL,
  confirm_request_id TEXT NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX consult_by_patient ON consult (patient, create_time);
CREATE INDEX consult_by_time ON consult (create_time, name);
CREATE INDEX consult_unfinished ON consult (state, lease_end);
