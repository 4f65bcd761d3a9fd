-- Times are microseconds since 1970 UTC; messages are protobuf JSON; ticks are numbers of five minutes since 1970 UTC.
CREATE TABLE clinician (
  name TEXT PRIMARY KEY,
  revision BIGINT NOT NULL,
  body TEXT NOT NULL
);

-- What is taken. The key is what makes a double booking impossible.
CREATE TABLE tick (
  clinician TEXT NOT NULL,
  tick BIGINT NOT NULL,
  owner TEXT NOT NULL,      -- name of the hold or the appointment
  expire_time BIGINT,       -- null: an appointment's
  PRIMARY KEY (clinician, tick)
);
-- For a search over all clinicians.
CREATE INDEX tick_by_time ON tick (tick, clinician, expire_time);

CREATE TABLE hold (
  name TEXT PRIMARY KEY,
  patient TEXT NOT NULL,
  state BIGINT NOT NULL,          -- lumbar.booking.v1.HoldState; an active one may have expired
  expire_time BIGINT NOT NULL,
  first_tick BIGINT NOT NULL,
  last_tick BIGINT NOT NULL,
  override_reason TEXT NOT NULL,  -- why staff booked without an assessment
  body TEXT NOT NULL
);
CREATE INDEX hold_by_patient ON hold (patient, expire_time);

CREATE TABLE appointment (
  name TEXT PRIMARY KEY,
  patient TEXT NOT NULL,
  clinician TEXT NOT NULL,
  start_time BIGINT NOT NULL,
  version BIGINT NOT NULL,
  first_tick BIGINT NOT NULL,
  last_tick BIGINT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX appointment_by_start ON appointment (start_time, name);
CREATE INDEX appointment_by_patient ON appointment (patient, start_time, name);
CREATE INDEX appointment_by_clinician ON appointment (clinician, start_time, name);

-- Events that wait for delivery; a delivered one is deleted.
CREATE TABLE outbox (
  event_id TEXT PRIMARY KEY,
  appointment TEXT NOT NULL,
  version BIGINT NOT NULL,
  due_time BIGINT NOT NULL,
  lease_time BIGINT NOT NULL,  -- claimed until then
  attempt BIGINT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (appointment, version)
);
CREATE INDEX outbox_by_due_time ON outbox (due_time);
