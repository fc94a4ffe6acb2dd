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

-- Why this message came: who asked, who allowed it, what was checked. No name, no address, no text.
CREATE FUNCTION consent.explain_by_token(token text) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_envelope consent.envelope := consent.envelope_of_token(token);
    v_receipt  jsonb := consent.receipt(v_envelope.school_id, v_envelope.envelope_id);
    v_leaf     jsonb := v_receipt -> 'leaf';
BEGIN
    RETURN jsonb_build_object(
        'envelope_id', v_envelope.envelope_id, 'kind', v_envelope.kind, 'class', v_envelope.class, 'origin', v_envelope.origin,
        'channel', v_envelope.channel, 'language', v_envelope.language, 'state', v_envelope.state,
        'school', (SELECT jsonb_build_object('id', s.school_id, 'names', s.names, 'country', s.country, 'time_zone', s.time_zone)
                   FROM consent.school s WHERE s.school_id = v_envelope.school_id),
        'sender', (SELECT jsonb_build_object('id', s.sender_id, 'name', s.display_name, 'address', s.address)
                   FROM consent.sender s WHERE s.sender_id = v_envelope.sender_id),
        'campaign', (SELECT jsonb_build_object('id', c.campaign_id, 'purpose', c.purpose, 'product', c.product)
                     FROM consent.campaign c WHERE c.campaign_id = v_envelope.campaign_id),
        'instruction', (SELECT jsonb_build_object('id', i.instruction_id, 'made_at', i.made_at, 'valid_from', i.valid_from,
                                                  'valid_to', i.valid_to, 'revoked_at', i.revoked_at, 'purposes', i.purposes,
                                                  'products', i.products, 'channels', i.channels)
                        FROM consent.instruction i WHERE i.instruction_id = (v_leaf ->> 'instruction')::uuid),
        'resolution', (SELECT jsonb_build_object('id', r.resolution_id, 'outcome', r.outcome, 'decided_on', r.decided_on,
                                                 'confirmed_at', r.confirmed_at)
                       FROM consent.resolution r WHERE r.resolution_id = (v_leaf ->> 'resolution')::uuid),
        'approval', (SELECT jsonb_build_object('made_at', a.made_at, 'content_sha256', encode(a.content_sha256, 'hex'))
                     FROM consent.approval a WHERE a.approval_id = (v_leaf ->> 'approval')::bigint),
        'consent', (SELECT jsonb_build_object('id', v.event_id, 'made_at', v.made_at, 'expires_at', v.expires_at,
                                              'capture', v.capture, 'notice', (SELECT n.body FROM consent.notice n
                                                                               WHERE n.notice_id = v.notice_id))
                    FROM consent.consent_event v WHERE v.event_id = (v_leaf ->> 'consent')::uuid),
        'now', (SELECT jsonb_build_object(
                    'consent', (SELECT v.act FROM consent.consent_event v JOIN consent.campaign c ON c.purpose = v.purpose
                                WHERE c.campaign_id = v_envelope.campaign_id AND v.school_id = v_envelope.school_id
                                  AND v.subject_id = v_envelope.subject_id AND v.channel = v_envelope.channel
                                ORDER BY v.number DESC LIMIT 1),
                    'objected', EXISTS (SELECT FROM consent.suppression s WHERE s.school_id = v_envelope.school_id
                                        AND s.subject_id = v_envelope.subject_id AND s.reason = 'objection'))),
        'receipt', v_receipt);
END $$;
