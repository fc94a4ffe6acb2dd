-- The outbox, the decisions and the ledger.

CREATE TABLE consent.envelope (
    envelope_id     uuid PRIMARY KEY,
    school_id       uuid NOT NULL,
    kind            text NOT NULL,
    class           text NOT NULL,
    origin          text NOT NULL,
    channel         text NOT NULL CHECK (channel IN ('email', 'sms', 'in_app', 'push')),
    language        text NOT NULL,
    subject_id      uuid,
    contact_id      uuid,
    campaign_id     uuid,
    sender_id       text NOT NULL,
    content_sha256  bytea NOT NULL,
    dedupe_key      text,
    not_before      timestamptz,
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL,
    state           text NOT NULL CHECK (state IN ('queued', 'claimed', 'sent', 'failed', 'bounced', 'unknown',
                                                   'denied', 'suppressed', 'cancelled', 'expired')),
    code            text,
    attempts        int NOT NULL DEFAULT 0,
    next_look_at    timestamptz NOT NULL,
    lease_until     timestamptz,
    taken_at        timestamptz,
    ended_at        timestamptz,
    contact_version int,
    instruction_id  uuid,
    token_sha256    bytea,
    params          bytea,
    params_sealed   boolean NOT NULL,
    provider_id     text,
    detail          text,
    CHECK (state IN ('queued', 'claimed') OR (params IS NULL AND ended_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX envelope_due ON consent.envelope (next_look_at) WHERE state = 'queued';
CREATE INDEX envelope_queued_at_school ON consent.envelope (school_id, next_look_at) WHERE state = 'queued';
CREATE INDEX envelope_of_school ON consent.envelope (school_id, envelope_id);
CREATE INDEX envelope_of_campaign ON consent.envelope (campaign_id, school_id, subject_id, channel)
    WHERE campaign_id IS NOT NULL;
CREATE INDEX envelope_leases ON consent.envelope (lease_until) WHERE state = 'claimed';
CREATE UNIQUE INDEX envelope_by_token ON consent.envelope (token_sha256) WHERE token_sha256 IS NOT NULL;
-- Rule 15, kept by the database whatever the functions do.
CREATE UNIQUE INDEX envelope_once ON consent.envelope (school_id, campaign_id, subject_id, channel)
    WHERE campaign_id IS NOT NULL AND state IN ('claimed', 'sent', 'unknown', 'failed', 'bounced');
CREATE UNIQUE INDEX envelope_dedupe ON consent.envelope (school_id, kind, dedupe_key)
    WHERE dedupe_key IS NOT NULL AND state IN ('claimed', 'sent', 'unknown');
CREATE INDEX envelope_dedupe_waiting ON consent.envelope (school_id, kind, dedupe_key)
    WHERE dedupe_key IS NOT NULL AND state = 'queued';

CREATE TABLE consent.decision (
    envelope_id uuid NOT NULL,
    attempt     int NOT NULL,
    school_id   uuid NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('ALLOW', 'DENY')),
    code        text,
    codes       text[] NOT NULL,
    policy      int NOT NULL,
    decided_at  timestamptz NOT NULL,
    seq         bigint NOT NULL,                   -- its leaf in the stream dispatch
    PRIMARY KEY (envelope_id, attempt),
    CHECK ((verdict = 'ALLOW') = (code IS NULL))
);

-- How messages ended, until the keeper has chained it; sending never waits for the school's lock.
CREATE TABLE consent.outcome (
    outcome_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    school_id   uuid NOT NULL,
    envelope_id uuid NOT NULL,
    attempt     int NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('sent', 'retry', 'failed', 'bounced', 'unknown')),
    made_at     timestamptz NOT NULL
);
CREATE INDEX outcome_of_school ON consent.outcome (school_id, outcome_id);

CREATE TABLE consent.tally (
    campaign_id uuid NOT NULL,
    school_id   uuid NOT NULL,
    state       text NOT NULL,
    code        text NOT NULL,                     -- '' where there is none
    messages    bigint NOT NULL,
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, school_id, state, code)
);

CREATE TABLE consent.leaf (
    school_id uuid NOT NULL,
    stream    text NOT NULL CHECK (stream IN ('authority', 'vendor', 'dispatch')),
    seq       bigint NOT NULL CHECK (seq > 0),
    body      text NOT NULL,                       -- RFC 8785
    hash      bytea NOT NULL,                      -- SHA-256(0x00 body)
    chain     bytea NOT NULL,                      -- SHA-256(0x01 chain of seq-1, hash)
    PRIMARY KEY (school_id, stream, seq)
);

CREATE TABLE consent.checkpoint (
    school_id uuid NOT NULL,
    stream    text NOT NULL,
    size      bigint NOT NULL,
    root      bytea NOT NULL,
    made_at   timestamptz NOT NULL,
    PRIMARY KEY (school_id, stream, made_at)
);
