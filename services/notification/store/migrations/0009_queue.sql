-- The queue alone, so that what is done costs it nothing: by when a message may be claimed, those to the staff
-- (MESSAGE_KIND_STAFF_ALERT, _REMINDER) before all others, and by when it is due. MESSAGE_STATE_QUEUED is 1.
DROP INDEX message_by_try_time;
CREATE INDEX message_queue ON message (try_time) WHERE state = 1;
CREATE INDEX message_queue_staff ON message (try_time) WHERE state = 1 AND kind IN (20, 21);
CREATE INDEX message_queue_by_due_time ON message (due_time) WHERE state = 1;
