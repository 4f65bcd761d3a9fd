-- Each change of an appointment, kept for some days, for those who follow the changes.
CREATE TABLE change_log (
  appointment TEXT NOT NULL,
  version BIGINT NOT NULL,
  change_time BIGINT NOT NULL,    -- of one appointment it grows with the version
  state BIGINT NOT NULL,          -- lumbar.booking.v1.AppointmentState
  clinician TEXT NOT NULL,
  left_clinician TEXT NOT NULL,   -- with whom it was before the change, if that is somebody else
  body TEXT NOT NULL,             -- lumbar.booking.v1.AppointmentEvent
  PRIMARY KEY (appointment, version)
);
CREATE INDEX change_log_by_time ON change_log (change_time, appointment, version);
