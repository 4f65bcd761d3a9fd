-- Messages to the staff are those with a kind from 20 to 29: what is claimed before all others.
DROP INDEX message_queue_staff;
CREATE INDEX message_queue_staff ON message (try_time) WHERE state = 1 AND kind >= 20 AND kind < 30;
