-- What the gate knows of the world. It reads no table outside this schema: a foreign key to a table that
-- another login may update was enough to hold up a revocation until its time-out.

CREATE TABLE consent.school (
    school_id     uuid PRIMARY KEY,
    role_name     text UNIQUE,                     -- null only for the platform's pseudo-school
    names         jsonb NOT NULL CHECK (jsonb_typeof(names) = 'object' AND names <> '{}'),
    folded_names  text[] NOT NULL,                 -- fold_text() of each name, for rule 3
    country       text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    languages     text[] NOT NULL CHECK (cardinality(languages) > 0),
    time_zone     text NOT NULL,
    stage         text NOT NULL CHECK (stage IN ('onboarding', 'live', 'suspended', 'closing', 'closed')),
    registered_at timestamptz NOT NULL,
    live_at       timestamptz
);

-- The short lock rows. 'school' orders claims against authority and guards the streams authority and dispatch;
-- 'vendor' guards the stream vendor, so that the keeper's work never stands in a revocation's way.
CREATE TABLE consent.school_lock (
    school_id uuid NOT NULL REFERENCES consent.school,
    name      text NOT NULL CHECK (name IN ('school', 'vendor')),
    PRIMARY KEY (school_id, name)
);

CREATE TABLE consent.kind (
    kind        text PRIMARY KEY CHECK (kind ~ '^[a-z]+(\.[a-z_]+)+$'),
    class       text NOT NULL CHECK (class IN ('security', 'school_service', 'school_info', 'platform_service',
                                               'vendor_contract', 'vendor_marketing')),
    origin      text NOT NULL CHECK (origin IN ('school', 'vendor', 'platform')),
    enqueued_by text NOT NULL CHECK (enqueued_by IN ('school', 'gate'))
);

-- A sender never changes: the director's approval covers its name and address. A new name is a new sender.
CREATE TABLE consent.sender (
    sender_id       text PRIMARY KEY CHECK (sender_id ~ '^[a-z0-9:._-]{1,80}$'),
    origin          text NOT NULL CHECK (origin IN ('school', 'vendor', 'platform')),
    school_id       uuid REFERENCES consent.school,
    display_name    text NOT NULL,
    address         text NOT NULL,
    has_one_click   boolean NOT NULL,
    has_stop_word   boolean NOT NULL,
    CHECK ((origin = 'school') = (school_id IS NOT NULL))
);

CREATE TABLE consent.notice (
    notice_id     uuid PRIMARY KEY,
    purpose       text NOT NULL CHECK (purpose ~ '^[a-z_]{1,40}$'),
    language      text NOT NULL,
    version       int NOT NULL,
    body          text NOT NULL,
    approved_at   timestamptz NOT NULL,
    superseded_at timestamptz,
    UNIQUE (purpose, language, version)
);

-- The key makes the pseudonym that stands in the ledger; erasing a person deletes both, and the leaves say nothing more.
CREATE TABLE consent.subject (
    school_id  uuid NOT NULL REFERENCES consent.school,
    subject_id uuid NOT NULL,
    roles      text[] NOT NULL CHECK (roles <@ ARRAY['guardian', 'pupil', 'staff', 'director', 'council_chair']),
    is_adult   boolean NOT NULL,
    is_active  boolean NOT NULL,
    language   text NOT NULL,
    key        bytea NOT NULL,
    pseudonym  text NOT NULL,
    PRIMARY KEY (school_id, subject_id)
);
CREATE INDEX subject_officers ON consent.subject (school_id)
    WHERE roles && ARRAY['director', 'council_chair'];

CREATE TABLE consent.contact (
    school_id    uuid NOT NULL REFERENCES consent.school,
    contact_id   uuid NOT NULL,
    subject_id   uuid NOT NULL,
    channel      text NOT NULL CHECK (channel IN ('email', 'sms', 'in_app', 'push')),
    version      int NOT NULL CHECK (version > 0),
    sealed       bytea NOT NULL,
    address_hash bytea NOT NULL CHECK (length(address_hash) = 32),
    verified_at  timestamptz,
    provenance   text NOT NULL CHECK (provenance IN ('roster', 'self', 'director')),
    is_active    boolean NOT NULL,
    PRIMARY KEY (school_id, contact_id)
);
CREATE INDEX contact_of_subject ON consent.contact (school_id, subject_id, channel);
