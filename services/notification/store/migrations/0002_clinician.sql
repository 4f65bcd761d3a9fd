-- The clinician whom a message is for; '': it is for the patient.
ALTER TABLE message ADD COLUMN clinician TEXT NOT NULL DEFAULT '';
