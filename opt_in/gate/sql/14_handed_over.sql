-- How many messages were claimed under an instruction, one row per claim with the total so far: a revocation says what had
-- already been handed over without counting, while it holds the school's lock.
CREATE TABLE consent.handed_over (
    instruction_id uuid NOT NULL,
    total          bigint NOT NULL CHECK (total > 0),
    PRIMARY KEY (instruction_id, total)
);

-- Read by nothing, written by every claim.
DROP INDEX consent.envelope_queued_at_school;
