-- A row for each patient who ever held a time: a transaction that adds a hold changes it first, so that those of one patient
-- wait for each other and each counts the holds of those before.
CREATE TABLE patient_turn (
  patient TEXT PRIMARY KEY,
  holds BIGINT NOT NULL  -- how many there ever were
);
