-- The status code with which an event was refused for good; '': it waits for delivery. Set it to '' to try again.
ALTER TABLE outbox ADD COLUMN given_up TEXT NOT NULL DEFAULT '';
