-- From then on a message would be of no use; 0: once the visit begins. Of an offer `appointment` is the waitlist entry's
-- name, here and in the table of that name.
ALTER TABLE message ADD COLUMN expire_time BIGINT NOT NULL DEFAULT 0;
