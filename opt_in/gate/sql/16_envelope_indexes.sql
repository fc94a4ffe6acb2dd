-- What is due is looked for by class and channel, so that nothing urgent hides behind a crowd of what is not.
DROP INDEX consent.envelope_due;
CREATE INDEX envelope_due ON consent.envelope (class, channel, next_look_at) WHERE state = 'queued';

-- The person first: with the school first, PostgreSQL 18 took this index for the lookups of a claim as well, and skipped
-- through all messages of the school for each (benchmarks: with three dispatchers at one school, a sixth of the claims).
DROP INDEX consent.envelope_of_subject;
CREATE INDEX envelope_of_subject ON consent.envelope (subject_id, envelope_id);
