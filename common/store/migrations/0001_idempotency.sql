-- The answer to every mutation that carried a request_id, kept in the transaction of its effect.
CREATE TABLE idempotency (
  caller TEXT NOT NULL,
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  response TEXT NOT NULL,       -- protobuf JSON
  create_time BIGINT NOT NULL,  -- microseconds since 1970 UTC
  PRIMARY KEY (caller, method, request_id)
);
CREATE INDEX idempotency_by_create_time ON idempotency (create_time);
