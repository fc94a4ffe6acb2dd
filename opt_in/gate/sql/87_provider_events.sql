-- What comes back from a provider of text messages.

-- Called by the public site. False: the inbox is full, and the provider shall try again later. The same event twice is one.
CREATE FUNCTION consent.put_provider_event(fingerprint bytea, sealed bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    PERFORM consent.require(length(fingerprint) = 32, 'The fingerprint of an event has 32 bytes.');
    PERFORM consent.require(length(sealed) BETWEEN 1 AND 4096, 'An event is sealed and has at most 4096 bytes.');
    IF (SELECT count(*) FROM (SELECT FROM consent.provider_event e WHERE e.handled_at IS NULL LIMIT 10000) waiting) >= 10000 THEN
        RETURN false;
    END IF;
    INSERT INTO consent.provider_event (fingerprint, sealed, received_at) VALUES (fingerprint, sealed, consent.now())
    ON CONFLICT ON CONSTRAINT provider_event_fingerprint_key DO NOTHING;
    RETURN true;
END $$;

CREATE FUNCTION consent.provider_events(max int) RETURNS TABLE (event_id bigint, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT e.event_id, e.sealed FROM consent.provider_event e WHERE e.handled_at IS NULL
    ORDER BY e.event_id LIMIT least(greatest(provider_events.max, 0), 1000)
$$;

-- The content goes; the fingerprint stays for a month, so that a copy of the event that comes late changes nothing.
CREATE FUNCTION consent.finish_provider_event(event_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    UPDATE consent.provider_event e SET sealed = NULL, handled_at = consent.now()
    WHERE e.event_id = event_id AND e.handled_at IS NULL;
    DELETE FROM consent.provider_event e WHERE e.handled_at < consent.now() - interval '30 days';
END $$;

-- A STOP names an address: no more offers of the vendor to it on this channel, at each school where it is known, and the
-- yes of whoever it belongs to there is withdrawn. Other messages go on. Twice changes nothing more. Returns the number
-- of schools.
CREATE FUNCTION consent.stop_by_address(channel text, address_hash bytea) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school  consent.school;
    v_subject uuid;
    v_now     timestamptz;
    v_act     text;
    v_schools bigint := 0;
BEGIN
    PERFORM consent.require(length(address_hash) = 32, 'The hash of an address has 32 bytes.');
    -- in the order in which claims lock schools
    FOR v_school IN
        SELECT s.* FROM consent.school s
        WHERE s.school_id IN (SELECT c.school_id FROM consent.contact c
                              WHERE c.channel = channel AND c.address_hash = address_hash)
        ORDER BY s.school_id
    LOOP
        PERFORM consent.lock_school(v_school.school_id);
        v_now := consent.now();
        PERFORM consent.suppress_address(v_school.school_id, channel, address_hash, 'stop', v_now);
        FOR v_subject IN
            SELECT DISTINCT c.subject_id FROM consent.contact c
            WHERE c.school_id = v_school.school_id AND c.channel = channel AND c.address_hash = address_hash ORDER BY 1
        LOOP
            SELECT v.act INTO v_act FROM consent.consent_event v
            WHERE v.school_id = v_school.school_id AND v.subject_id = v_subject AND v.purpose = 'vendor_offers'
              AND v.channel = channel ORDER BY v.number DESC LIMIT 1;
            IF v_act = 'give' THEN
                PERFORM consent.add_event(v_school, v_subject, 'vendor_offers', channel, 'withdraw', v_subject, 'sms_reply', v_now);
            END IF;
        END LOOP;
        v_schools := v_schools + 1;
    END LOOP;
    RETURN v_schools;
END $$;

-- One report that a message did not arrive says little: a phone may be off for days. The third in a row closes the number.
CREATE FUNCTION consent.report_delivery(envelope_id uuid, delivered boolean) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_envelope consent.envelope;
    v_hash     bytea;
BEGIN
    PERFORM consent.require(delivered IS NOT NULL, 'A report says delivered or not delivered.');
    SELECT * INTO v_envelope FROM consent.envelope e WHERE e.envelope_id = envelope_id;
    IF NOT FOUND OR v_envelope.contact_version IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such message.';
    END IF;
    INSERT INTO consent.delivery_report (envelope_id, school_id, contact_id, contact_version, delivered, reported_at)
    VALUES (envelope_id, v_envelope.school_id, v_envelope.contact_id, v_envelope.contact_version, delivered, consent.now())
    ON CONFLICT ON CONSTRAINT delivery_report_pkey DO NOTHING;
    IF NOT FOUND OR delivered THEN
        RETURN;
    END IF;
    SELECT c.address_hash INTO v_hash FROM consent.contact c
    WHERE c.school_id = v_envelope.school_id AND c.contact_id = v_envelope.contact_id AND c.version = v_envelope.contact_version;
    IF v_hash IS NOT NULL AND (
        SELECT count(*) = 3 AND NOT bool_or(r.delivered) FROM (
            SELECT d.delivered FROM consent.delivery_report d
            WHERE d.school_id = v_envelope.school_id AND d.contact_id = v_envelope.contact_id
              AND d.contact_version = v_envelope.contact_version
            ORDER BY d.reported_at DESC LIMIT 3) r)
    THEN
        PERFORM consent.lock_school(v_envelope.school_id);
        PERFORM consent.suppress_address(v_envelope.school_id, v_envelope.channel, v_hash, 'bounce', consent.now());
    END IF;
END $$;
