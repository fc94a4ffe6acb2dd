-- "What came to me", newest first, for one person among all that a school ever addressed.
CREATE INDEX envelope_of_subject ON consent.envelope (school_id, subject_id, envelope_id);
