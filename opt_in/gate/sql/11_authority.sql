-- Who allowed what. Instructions and resolutions change once (revoked, confirmed); events are only ever added.

CREATE TABLE consent.instruction (
    instruction_id uuid PRIMARY KEY,
    school_id      uuid NOT NULL REFERENCES consent.school,
    actor          uuid NOT NULL,
    purposes       text[] NOT NULL CHECK (cardinality(purposes) > 0),
    products       text[] NOT NULL CHECK (cardinality(products) > 0),
    channels       text[] NOT NULL CHECK (cardinality(channels) > 0
                                          AND channels <@ ARRAY['email', 'sms', 'in_app', 'push']),
    audience       text NOT NULL CHECK (audience = 'guardians'),
    valid_from     timestamptz NOT NULL,
    valid_to       timestamptz NOT NULL,
    made_at        timestamptz NOT NULL,
    revoked_at     timestamptz,
    revoked_by     uuid,
    revoke_reason  text,
    CHECK (valid_from < valid_to),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX instruction_of_school ON consent.instruction (school_id, made_at);

CREATE TABLE consent.resolution (
    resolution_id   uuid PRIMARY KEY,
    number          bigint GENERATED ALWAYS AS IDENTITY,
    school_id       uuid NOT NULL REFERENCES consent.school,
    outcome         text NOT NULL CHECK (outcome IN ('positive', 'negative')),
    decided_on      date NOT NULL,
    votes_for       int NOT NULL CHECK (votes_for >= 0),
    votes_against   int NOT NULL CHECK (votes_against >= 0),
    votes_abstained int NOT NULL CHECK (votes_abstained >= 0),
    purposes        text[] NOT NULL,               -- empty in a negative one: it opposes everything
    products        text[] NOT NULL,
    minutes_sha256  bytea CHECK (length(minutes_sha256) = 32),
    recorded_by     uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    confirmed_by    uuid,
    confirmed_at    timestamptz,
    CHECK (outcome = 'negative' OR (cardinality(purposes) > 0 AND cardinality(products) > 0)),
    CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL)),
    CHECK (confirmed_by IS DISTINCT FROM recorded_by OR confirmed_by IS NULL)
);
CREATE INDEX resolution_of_school ON consent.resolution (school_id, decided_on, number);

-- The vendor's inbox: all that a vendor's login can write.
CREATE TABLE consent.request (
    request_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act         text NOT NULL CHECK (act IN ('propose', 'stop', 'kill_switch')),
    campaign_id uuid,
    body        jsonb NOT NULL,
    made_at     timestamptz NOT NULL,
    handled_at  timestamptz,
    outcome     text CHECK (outcome IN ('done', 'refused')),
    reason      text
);
CREATE INDEX request_waiting ON consent.request (request_id) WHERE handled_at IS NULL;
CREATE INDEX request_of_campaign ON consent.request (campaign_id);

CREATE TABLE consent.campaign (
    campaign_id uuid PRIMARY KEY,
    sender_id   text NOT NULL,                     -- no foreign key: an unknown sender is judged and shown, not lost
    purpose     text NOT NULL CHECK (purpose ~ '^[a-z_]{1,40}$'),
    product     text NOT NULL CHECK (product ~ '^[a-z0-9._-]{1,60}$'),
    channels    text[] NOT NULL CHECK (cardinality(channels) > 0
                                       AND channels <@ ARRAY['email', 'sms', 'in_app', 'push']),
    audience    text NOT NULL CHECK (audience = 'guardians'),
    not_before  timestamptz,
    expires_at  timestamptz NOT NULL,
    targets     jsonb NOT NULL,
    proposed_at timestamptz NOT NULL,
    stopped_at  timestamptz
);

CREATE TABLE consent.campaign_text (
    campaign_id    uuid PRIMARY KEY REFERENCES consent.campaign,
    canonical      bytea NOT NULL,                 -- RFC 8785 bytes of sender and texts in every language
    content_sha256 bytea NOT NULL,
    surface        text NOT NULL,                  -- fold_text() of what a reader takes for a signature, for rule 3
    CHECK (content_sha256 = sha256(canonical))
);

CREATE TABLE consent.campaign_target (
    campaign_id uuid NOT NULL REFERENCES consent.campaign,
    school_id   uuid NOT NULL REFERENCES consent.school,
    verdict     text NOT NULL CHECK (verdict IN ('ALLOW', 'HOLD', 'DENY')),
    code        text,
    codes       text[] NOT NULL,
    judged_at   timestamptz NOT NULL,
    first_verdict text NOT NULL,
    first_code  text,
    expanded_at timestamptz,
    queued      bigint NOT NULL DEFAULT 0,
    suppressed  bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, school_id)
);
CREATE INDEX campaign_target_of_school ON consent.campaign_target (school_id, judged_at);

CREATE TABLE consent.approval (
    approval_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    school_id      uuid NOT NULL,
    campaign_id    uuid NOT NULL REFERENCES consent.campaign,
    actor          uuid NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('approved', 'rejected')),
    content_sha256 bytea CHECK (length(content_sha256) = 32),
    reason         text,
    made_at        timestamptz NOT NULL,
    CHECK ((outcome = 'approved') = (content_sha256 IS NOT NULL))
);
CREATE INDEX approval_of_campaign ON consent.approval (school_id, campaign_id, approval_id);

CREATE TABLE consent.consent_event (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id        uuid NOT NULL UNIQUE,
    school_id       uuid NOT NULL,
    subject_id      uuid NOT NULL,
    purpose         text NOT NULL CHECK (purpose ~ '^[a-z_]{1,40}$'),
    channel         text NOT NULL CHECK (channel IN ('email', 'sms', 'in_app', 'push')),
    act             text NOT NULL CHECK (act IN ('give', 'refuse', 'withdraw')),
    actor           uuid NOT NULL,
    capture         text NOT NULL CHECK (capture ~ '^[a-z_]{1,40}$'),
    contact_id      uuid,
    contact_version int,
    notice_id       uuid REFERENCES consent.notice,
    instruction_id  uuid REFERENCES consent.instruction,   -- the one that was live when the yes was given
    made_at         timestamptz NOT NULL,
    expires_at      timestamptz,
    CHECK ((act = 'give') = (expires_at IS NOT NULL))
);
CREATE INDEX consent_event_latest ON consent.consent_event (school_id, subject_id, purpose, channel, number);

-- An objection counts everywhere, by address and by subject; the other reasons at the school they came from.
-- A suppression outlives the contact and the person it came from.
CREATE TABLE consent.suppression (
    suppression_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    school_id      uuid NOT NULL,
    reason         text NOT NULL CHECK (reason IN ('objection', 'complaint', 'stop', 'bounce')),
    subject_id     uuid,
    channel        text CHECK (channel IN ('email', 'sms', 'in_app', 'push')),
    address_hash   bytea CHECK (length(address_hash) = 32),
    made_at        timestamptz NOT NULL,
    CHECK (num_nonnulls(subject_id, address_hash) = 1)
);
CREATE INDEX suppression_by_address ON consent.suppression (address_hash) WHERE address_hash IS NOT NULL;
CREATE INDEX suppression_by_subject ON consent.suppression (school_id, subject_id) WHERE subject_id IS NOT NULL;

CREATE TABLE consent.kill_switch (
    scope      text NOT NULL CHECK (scope IN ('platform', 'channel', 'campaign')),
    key        text NOT NULL,                      -- '' for the platform
    is_on      boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
