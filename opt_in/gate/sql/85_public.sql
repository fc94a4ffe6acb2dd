-- The public site knows a person only by the token of one message, of which the gate keeps a hash.

CREATE FUNCTION consent.envelope_of_token(p_token text) RETURNS consent.envelope LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    v_envelope consent.envelope;
BEGIN
    SELECT * INTO v_envelope FROM consent.envelope WHERE token_sha256 = sha256(convert_to(p_token, 'UTF8'));
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'This link is not known.';
    END IF;
    RETURN v_envelope;
END $$;

-- As cheap as possible for the person: the message says which purpose and channel. Twice changes nothing more.
CREATE FUNCTION consent.withdraw_by_token(token text) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_envelope consent.envelope := consent.envelope_of_token(token);
    v_school   consent.school;
    v_purpose  text;
    v_now      timestamptz;
    v_last     record;
BEGIN
    SELECT purpose INTO v_purpose FROM consent.campaign WHERE campaign_id = v_envelope.campaign_id;
    IF v_purpose IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = 'This message needs no consent, so there is none to withdraw.';
    END IF;
    SELECT * INTO v_school FROM consent.school WHERE school_id = v_envelope.school_id;
    PERFORM consent.lock_school(v_school.school_id);
    v_now := consent.now();
    SELECT act, made_at INTO v_last FROM consent.consent_event
    WHERE school_id = v_school.school_id AND subject_id = v_envelope.subject_id AND purpose = v_purpose
      AND channel = v_envelope.channel ORDER BY number DESC LIMIT 1;
    IF v_last.act = 'withdraw' THEN
        RETURN v_last.made_at;
    END IF;
    PERFORM consent.add_event(v_school, v_envelope.subject_id, v_purpose, v_envelope.channel, 'withdraw', v_envelope.subject_id,
                              'one_click', v_now);
    RETURN v_now;
END $$;

CREATE FUNCTION consent.object_by_token(token text) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_envelope consent.envelope := consent.envelope_of_token(token);
    v_school   consent.school;
    v_now      timestamptz;
    v_made_at  timestamptz;
BEGIN
    SELECT * INTO v_school FROM consent.school WHERE school_id = v_envelope.school_id;
    PERFORM consent.lock_school(v_school.school_id);
    v_now := consent.now();
    SELECT made_at INTO v_made_at FROM consent.suppression
    WHERE school_id = v_school.school_id AND subject_id = v_envelope.subject_id AND reason = 'objection' LIMIT 1;
    IF FOUND THEN
        RETURN v_made_at;
    END IF;
    PERFORM consent.suppress_objector(v_school, v_envelope.subject_id, v_envelope.subject_id, 'one_click', v_now);
    RETURN v_now;
END $$;

-- Why this message came; the same words as for its reader inside the school.
CREATE FUNCTION consent.explain_by_token(token text) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
RETURN consent.explanation(consent.envelope_of_token(token));
