-- What lists go by, all of it from `message`: who looks after a consult (empty: nobody), until when it is urgent (an end
-- of all time: it is over; the moment before: it has no such time; 0: written by an older version, filled in later),
-- until when somebody of the staff should have taken it on (0: nobody has to), and when a booked visit ends (0: none is).
ALTER TABLE consult ADD COLUMN worker TEXT NOT NULL DEFAULT '';
ALTER TABLE consult ADD COLUMN urgency BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consult ADD COLUMN respond_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consult ADD COLUMN visit_end BIGINT NOT NULL DEFAULT 0;
-- The key of the calls that give a declined time up, chosen before them.
ALTER TABLE consult ADD COLUMN decline_request_id TEXT NOT NULL DEFAULT '';
CREATE INDEX consult_by_worker ON consult (worker, urgency, name);
CREATE INDEX consult_by_urgency ON consult (urgency, name);
CREATE INDEX consult_by_state ON consult (state, create_time, name);
CREATE INDEX consult_by_respond_by ON consult (respond_by, name) WHERE respond_by > 0;
