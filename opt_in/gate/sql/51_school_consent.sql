-- What a person decides about offers. Only the guardian's own act makes a grant.

-- One event and its leaf. Call it with the school's lock held.
CREATE FUNCTION consent.add_event(
    p_school consent.school, p_subject uuid, p_purpose text, p_channel text, p_act text, p_actor uuid, p_capture text, p_now timestamptz,
    p_contact uuid DEFAULT NULL, p_version int DEFAULT NULL, p_notice uuid DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    v_id          uuid := consent.new_id();
    v_instruction uuid;
    v_expires     timestamptz;
BEGIN
    PERFORM consent.require(p_purpose IN ('vendor_offers', 'school_info'), 'Unknown purpose.');
    PERFORM consent.require(p_channel IN ('email', 'sms', 'in_app', 'push'), 'Unknown channel.');
    IF p_act = 'give' THEN
        v_expires := consent.year_end(p_now, p_school.time_zone);
        SELECT instruction_id INTO v_instruction FROM consent.instruction
        WHERE school_id = p_school.school_id AND revoked_at IS NULL AND valid_from <= p_now AND p_now < valid_to
          AND p_purpose = ANY (purposes) AND p_channel = ANY (channels)
        ORDER BY made_at DESC LIMIT 1;
    END IF;
    INSERT INTO consent.consent_event (event_id, school_id, subject_id, purpose, channel, act, actor, capture, contact_id,
                                       contact_version, notice_id, instruction_id, made_at, expires_at)
    VALUES (v_id, p_school.school_id, p_subject, p_purpose, p_channel, p_act, p_actor, p_capture, p_contact,
            p_version, p_notice, v_instruction, p_now, v_expires);
    PERFORM consent.record_act(p_school.school_id, p_act, p_now, jsonb_build_object(
        'event', v_id, 'subject', consent.pseudonym_of(p_school.school_id, p_subject),
        'actor', consent.pseudonym_of(p_school.school_id, p_actor), 'purpose', p_purpose, 'channel', p_channel,
        'capture', p_capture, 'expires_at', consent.iso(v_expires),
        'contact', consent.contact_pseudonym(p_school.school_id, p_subject, p_contact), 'contact_version', p_version, 'notice', p_notice, 'instruction', v_instruction));
    RETURN v_id;
END $$;

CREATE FUNCTION consent.require_subject(p_school uuid, p_subject uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consent.subject WHERE school_id = p_school AND subject_id = p_subject) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such person at this school.';
    END IF;
END $$;

CREATE FUNCTION consent.give_consent(actor uuid, subject uuid, purpose text, channel text, contact_id uuid, contact_version int,
                                     notice_id uuid, capture text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school consent.school := consent.current_school();
BEGIN
    PERFORM consent.lock_school(v_school.school_id);
    PERFORM consent.require_subject(v_school.school_id, subject);
    PERFORM consent.require(EXISTS (SELECT FROM consent.notice n WHERE n.notice_id = notice_id AND n.purpose = purpose),
                            'The consent must name a notice text of its purpose.');
    RETURN consent.add_event(v_school, subject, purpose, channel, 'give', actor, capture, consent.now(),
                             contact_id, contact_version, notice_id);
END $$;

CREATE FUNCTION consent.refuse_consent(actor uuid, subject uuid, purpose text, channel text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school consent.school := consent.current_school();
BEGIN
    PERFORM consent.lock_school(v_school.school_id);
    PERFORM consent.require_subject(v_school.school_id, subject);
    RETURN consent.add_event(v_school, subject, purpose, channel, 'refuse', actor, 'portal', consent.now());
END $$;

CREATE FUNCTION consent.withdraw_consent(actor uuid, subject uuid, purpose text, channel text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school consent.school := consent.current_school();
BEGIN
    PERFORM consent.lock_school(v_school.school_id);
    PERFORM consent.require_subject(v_school.school_id, subject);
    PERFORM consent.add_event(v_school, subject, purpose, channel, 'withdraw', actor, 'portal', consent.now());
    RETURN consent.handed_over_to(v_school.school_id, subject, channel, purpose);
END $$;

-- GDPR 21(2): binds the vendor at every school where one of these addresses is known. Call with the school's lock held.
CREATE FUNCTION consent.suppress_objector(p_school consent.school, p_subject uuid, p_actor uuid, p_capture text, p_now timestamptz)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    INSERT INTO consent.suppression (school_id, reason, subject_id, made_at)
    VALUES (p_school.school_id, 'objection', p_subject, p_now);
    INSERT INTO consent.suppression (school_id, reason, address_hash, made_at)
    SELECT DISTINCT p_school.school_id, 'objection', address_hash, p_now FROM consent.contact
    WHERE school_id = p_school.school_id AND subject_id = p_subject;
    PERFORM consent.record_act(p_school.school_id, 'object', p_now, jsonb_build_object(
        'subject', consent.pseudonym_of(p_school.school_id, p_subject),
        'actor', consent.pseudonym_of(p_school.school_id, p_actor), 'capture', p_capture));
END $$;

CREATE FUNCTION consent.object_to_vendor(actor uuid, subject uuid)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school consent.school := consent.current_school();
BEGIN
    PERFORM consent.lock_school(v_school.school_id);
    PERFORM consent.require_subject(v_school.school_id, subject);
    PERFORM consent.suppress_objector(v_school, subject, actor, 'portal', consent.now());
    RETURN consent.handed_over_to(v_school.school_id, subject);
END $$;

-- Imports may only add. Adding one twice changes nothing.
CREATE FUNCTION consent.add_suppression(channel text, address_hash bytea, reason text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school consent.school := consent.current_school();
BEGIN
    PERFORM consent.require(channel IN ('email', 'sms', 'in_app', 'push'), 'Unknown channel.');
    PERFORM consent.require(reason IN ('objection', 'complaint', 'stop', 'bounce'), 'Unknown reason.');
    PERFORM consent.require(length(address_hash) = 32, 'The hash of an address has 32 bytes.');
    PERFORM consent.lock_school(v_school.school_id);
    PERFORM consent.suppress_address(v_school.school_id, channel, address_hash, reason, consent.now());
END $$;

-- Call it with the school's lock held.
CREATE FUNCTION consent.suppress_address(p_school uuid, p_channel text, p_hash bytea, p_reason text, p_now timestamptz)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM consent.suppression WHERE address_hash = p_hash AND school_id = p_school
               AND channel = p_channel AND reason = p_reason) THEN
        RETURN;
    END IF;
    INSERT INTO consent.suppression (school_id, reason, channel, address_hash, made_at)
    VALUES (p_school, p_reason, p_channel, p_hash, p_now);
    PERFORM consent.record_act(p_school, 'suppress', p_now, jsonb_build_object(
        'reason', p_reason, 'channel', p_channel, 'address', encode(p_hash, 'hex')));
END $$;
