-- For the sweep of what is over.
CREATE INDEX tick_by_expire_time ON tick (expire_time) WHERE expire_time IS NOT NULL;
CREATE INDEX hold_by_expire_time ON hold (expire_time);
