-- What a provider of text messages tells us by calling the public site: a reply, a delivery report. The site seals it for
-- the dispatcher and puts it here unread; the dispatcher opens it, acts through the gate, and the content goes at once.
CREATE TABLE consent.provider_event (
    event_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint bytea NOT NULL UNIQUE CHECK (length(fingerprint) = 32),   -- keyed: a hash of a number would give it away
    sealed      bytea CHECK (length(sealed) BETWEEN 1 AND 4096),
    received_at timestamptz NOT NULL,
    handled_at  timestamptz,
    CHECK ((sealed IS NULL) = (handled_at IS NOT NULL))
);
CREATE INDEX provider_event_waiting ON consent.provider_event (event_id) WHERE handled_at IS NULL;

-- The first final word of the provider about a message that it had taken.
CREATE TABLE consent.delivery_report (
    envelope_id     uuid PRIMARY KEY,
    school_id       uuid NOT NULL,
    contact_id      uuid NOT NULL,
    contact_version int NOT NULL,
    delivered       boolean NOT NULL,
    reported_at     timestamptz NOT NULL
);
CREATE INDEX delivery_report_of_contact ON consent.delivery_report (school_id, contact_id, contact_version, reported_at);

-- A reply names a number only, at whichever school it is known.
CREATE INDEX contact_by_address ON consent.contact (channel, address_hash);
