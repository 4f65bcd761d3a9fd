-- One row per grant to read a consult. `message` is the grant as protobuf JSON; `live_until` is when it expires, or was
-- revoked before that. Times are microseconds since 1970 UTC.
CREATE TABLE access_grant (
  name TEXT NOT NULL PRIMARY KEY,
  consult TEXT NOT NULL,
  holder TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  live_until BIGINT NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX access_grant_by_holder ON access_grant (holder, live_until);
CREATE INDEX access_grant_by_consult ON access_grant (consult, create_time, name);
CREATE INDEX access_grant_by_time ON access_grant (create_time, name);
