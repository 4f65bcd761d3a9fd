-- Who waits for a time. The body says everything; the other columns are for finding.
CREATE TABLE waitlist (
  name TEXT PRIMARY KEY,
  patient TEXT NOT NULL,
  visit_type TEXT NOT NULL,
  patient_state TEXT NOT NULL,
  clinicians TEXT NOT NULL,      -- '': any; else their names, each with a space before and after it
  state BIGINT NOT NULL,         -- lumbar.booking.v1.WaitlistState; one that is over may be written as live still
  urgency BIGINT NOT NULL,       -- the turn: by these three and then by name, the lesser first
  act_by BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  earliest_time BIGINT NOT NULL,
  latest_time BIGINT NOT NULL,
  due_time BIGINT NOT NULL,      -- when the offer or the wait is over, or when to forget what is over
  looked_time BIGINT NOT NULL,   -- when somebody last looked for a time for it; 0: look now
  version BIGINT NOT NULL,
  body TEXT NOT NULL
);
-- One place for each kind of visit, and one offer at a time, however calls race.
CREATE UNIQUE INDEX waitlist_one_place ON waitlist (patient, visit_type) WHERE state IN (1, 2);
CREATE UNIQUE INDEX waitlist_one_offer ON waitlist (patient) WHERE state = 2;
CREATE INDEX waitlist_by_turn ON waitlist (visit_type, urgency, act_by, create_time, name) WHERE state = 1;
CREATE INDEX waitlist_by_look ON waitlist (looked_time) WHERE state = 1;
CREATE INDEX waitlist_by_due_time ON waitlist (due_time);
CREATE INDEX waitlist_by_create_time ON waitlist (create_time, name);
CREATE INDEX waitlist_by_patient ON waitlist (patient, create_time, name);

-- Of an offer's hold: for whom it is kept; '' of any other.
ALTER TABLE hold ADD COLUMN waitlist_entry TEXT NOT NULL DEFAULT '';

-- Stretches of time in which something came free while somebody waited, until they were offered.
CREATE TABLE freed_time (
  id TEXT PRIMARY KEY,
  clinician TEXT NOT NULL,
  first_tick BIGINT NOT NULL,
  last_tick BIGINT NOT NULL
);
