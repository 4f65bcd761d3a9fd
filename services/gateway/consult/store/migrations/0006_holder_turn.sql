-- A row for each clinician who ever got a grant: a transaction that adds one changes it first, so that those of one clinician
-- wait for each other and each counts the grants of those before.
CREATE TABLE holder_turn (
  holder TEXT NOT NULL PRIMARY KEY,
  grants BIGINT NOT NULL  -- how many there ever were
);
