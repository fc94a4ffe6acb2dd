-- What is due is looked for by class and channel, so that nothing urgent hides behind a crowd of what is not.
DROP INDEX consent.envelope_due;
CREATE INDEX envelope_due ON consent.envelope (class, channel, next_look_at) WHERE state = 'queued';
