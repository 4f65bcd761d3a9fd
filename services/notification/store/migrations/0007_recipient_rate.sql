-- How much of its hourly room an address has taken (domain/recipient_rate.h). A row whose time has passed is as good as
-- none, and is swept.
CREATE TABLE recipient_rate (
  recipient TEXT PRIMARY KEY, -- a digest of the channel and the address
  due_time BIGINT NOT NULL    -- when the next message would come if all came evenly
);
CREATE INDEX recipient_rate_by_due_time ON recipient_rate (due_time);
