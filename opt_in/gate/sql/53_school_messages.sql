-- The outbox. A message's class, origin and sender follow from its kind; what comes from a campaign is the vendor's.

-- sender of a school's own messages
CREATE FUNCTION consent.sender_for(p_origin text, p_school uuid) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN CASE p_origin WHEN 'school' THEN 'school:' || p_school WHEN 'platform' THEN 'platform' END;

CREATE FUNCTION consent.put_envelope(
    p_school uuid, p_kind consent.kind, p_subject uuid, p_language text, p_channel text, p_contact uuid, p_params bytea, p_sealed boolean,
    p_content bytea, p_dedupe_key text, p_not_before timestamptz, p_expires_at timestamptz, p_now timestamptz)
RETURNS uuid LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    v_id uuid;
BEGIN
    IF p_dedupe_key IS NOT NULL THEN
        SELECT envelope_id INTO v_id FROM consent.envelope
        WHERE school_id = p_school AND kind = p_kind.kind AND dedupe_key = p_dedupe_key AND state = 'queued' LIMIT 1;
        IF NOT FOUND THEN
            SELECT envelope_id INTO v_id FROM consent.envelope
            WHERE school_id = p_school AND kind = p_kind.kind AND dedupe_key = p_dedupe_key
              AND state IN ('claimed', 'sent', 'unknown') LIMIT 1;
        END IF;
        IF FOUND THEN
            RETURN v_id;
        END IF;
    END IF;
    v_id := consent.new_id();
    INSERT INTO consent.envelope (envelope_id, school_id, kind, class, origin, channel, language, subject_id, contact_id, sender_id,
                                  content_sha256, dedupe_key, not_before, expires_at, created_at, state, next_look_at,
                                  params, params_sealed)
    VALUES (v_id, p_school, p_kind.kind, p_kind.class, p_kind.origin, p_channel, p_language, p_subject, p_contact,
            consent.sender_for(p_kind.origin, p_school), p_content, p_dedupe_key, p_not_before, p_expires_at, p_now, 'queued',
            greatest(p_not_before, p_now), p_params, p_sealed);
    RETURN v_id;
END $$;

CREATE FUNCTION consent.enqueue(kind text, subject uuid, channel text, contact_id uuid, params bytea, content_sha256 bytea,
                                dedupe_key text DEFAULT NULL, not_before timestamptz DEFAULT NULL, expires_at timestamptz DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school   consent.school := consent.current_school();
    v_kind     consent.kind;
    v_language text;
BEGIN
    SELECT * INTO v_kind FROM consent.kind k WHERE k.kind = kind;
    IF v_kind.enqueued_by IS DISTINCT FROM 'school' THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = 'A school cannot send messages of this kind.';
    END IF;
    PERFORM consent.require(channel IN ('email', 'sms', 'in_app', 'push'), 'Unknown channel.');
    PERFORM consent.require(length(content_sha256) = 32, 'The hash of the content is a SHA-256.');
    PERFORM consent.require(params IS NOT NULL, 'A message needs its sealed parameters.');
    PERFORM consent.require_subject(v_school.school_id, subject);
    SELECT s.language INTO v_language FROM consent.subject s WHERE s.school_id = v_school.school_id AND s.subject_id = subject;
    -- Without a named contact: the verified one; a code may only go where it was asked for.
    IF contact_id IS NULL AND v_kind.class <> 'security' THEN
        SELECT c.contact_id INTO contact_id FROM consent.contact c
        WHERE c.school_id = v_school.school_id AND c.subject_id = subject AND c.channel = channel AND c.is_active
        ORDER BY c.verified_at NULLS LAST LIMIT 1;
    END IF;
    RETURN consent.put_envelope(v_school.school_id, v_kind, subject, v_language, channel, contact_id, params, true,
                                content_sha256, dedupe_key, not_before, expires_at, consent.now());
END $$;

-- Takes no authority lock and is only advice: the claim decides again. While the school as a whole is refused, no guardian's
-- record is touched.
CREATE FUNCTION consent.expand(campaign_id uuid, OUT verdict text, OUT code text, OUT queued bigint, OUT suppressed bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_variable
DECLARE
    v_school   consent.school := consent.current_school();
    v_campaign consent.campaign;
    v_codes    text[];
    v_now      timestamptz := consent.now();
    v_ids      uuid[];
    v_start    int;
    v_refused  bigint;
BEGIN
    -- one expansion at a time; this row is no other act's lock
    PERFORM FROM consent.campaign_target t WHERE t.campaign_id = campaign_id AND t.school_id = v_school.school_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'No such campaign was proposed to this school.';
    END IF;
    SELECT j.verdict, j.code, j.codes INTO verdict, code, v_codes FROM consent.judge_school(v_school.school_id, campaign_id, v_now) j;
    queued := 0;
    suppressed := 0;
    UPDATE consent.campaign_target t SET verdict = verdict, code = code, codes = v_codes, judged_at = v_now
    WHERE t.campaign_id = campaign_id AND t.school_id = v_school.school_id;
    IF verdict <> 'ALLOW' THEN
        RETURN;
    END IF;
    SELECT * INTO v_campaign FROM consent.campaign c WHERE c.campaign_id = campaign_id;
    v_ids := consent.address_audience(v_school.school_id, v_campaign, v_now);
    FOR v_start IN 1 .. cardinality(v_ids) BY 1000 LOOP
        UPDATE consent.envelope e SET state = 'suppressed', code = d.code, params = NULL, ended_at = v_now
        FROM consent.decide_batch(v_school.school_id, v_ids[v_start : v_start + 999], v_now) d
        WHERE e.envelope_id = d.envelope_id AND d.verdict = 'DENY';
        GET DIAGNOSTICS v_refused = ROW_COUNT;
        suppressed := suppressed + v_refused;
    END LOOP;
    queued := cardinality(v_ids) - suppressed;
    IF cardinality(v_ids) > 0 THEN
        UPDATE consent.campaign_target t
        SET expanded_at = v_now, queued = t.queued + queued, suppressed = t.suppressed + suppressed
        WHERE t.campaign_id = campaign_id AND t.school_id = v_school.school_id;
        PERFORM consent.lock_school(v_school.school_id);
        PERFORM consent.append_leaf(v_school.school_id, 'dispatch', 'expand', v_now, jsonb_build_object(
            'campaign', campaign_id, 'queued', queued, 'suppressed', suppressed));
    END IF;
END $$;

-- One envelope for each guardian and channel that has none yet; to the contact that the grant names, else to any. In the
-- guardian's language, else one of the school's, else English.
CREATE FUNCTION consent.address_audience(p_school uuid, p_campaign consent.campaign, p_now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_content   jsonb;
    v_sha256    bytea;
    v_kind      consent.kind;
    v_languages text[];
    v_ids       uuid[];
BEGIN
    SELECT languages || 'en'::text INTO v_languages FROM consent.school WHERE school_id = p_school;
    SELECT convert_from(canonical, 'UTF8')::jsonb, content_sha256 INTO v_content, v_sha256
    FROM consent.campaign_text WHERE campaign_id = p_campaign.campaign_id;
    SELECT * INTO v_kind FROM consent.kind WHERE kind = 'vendor.campaign';
    WITH new AS (
        INSERT INTO consent.envelope (envelope_id, school_id, kind, class, origin, channel, language, subject_id, contact_id,
                                      campaign_id, sender_id, content_sha256, not_before, expires_at, created_at, state,
                                      next_look_at, params_sealed)
        SELECT consent.new_id(), p_school, v_kind.kind, v_kind.class, v_kind.origin, ch.channel,
               coalesce((SELECT w.language FROM unnest(s.language || v_languages) WITH ORDINALITY AS w (language, place)
                         WHERE v_content #> ARRAY['texts', ch.channel, w.language] IS NOT NULL ORDER BY w.place LIMIT 1),
                        (SELECT min(l COLLATE "C") FROM jsonb_object_keys(v_content #> ARRAY['texts', ch.channel]) l)),
               s.subject_id, coalesce(granted.contact_id, other.contact_id), p_campaign.campaign_id, p_campaign.sender_id, v_sha256,
               p_campaign.not_before, p_campaign.expires_at, p_now, 'queued', greatest(p_campaign.not_before, p_now), false
        FROM consent.subject s
        CROSS JOIN unnest(p_campaign.channels) AS ch (channel)
        LEFT JOIN LATERAL (
            SELECT c.contact_id FROM (
                SELECT v.contact_id FROM consent.consent_event v
                WHERE v.school_id = p_school AND v.subject_id = s.subject_id AND v.purpose = p_campaign.purpose
                  AND v.channel = ch.channel ORDER BY v.number DESC LIMIT 1) g
            JOIN consent.contact c ON c.school_id = p_school AND c.contact_id = g.contact_id
                 AND c.subject_id = s.subject_id AND c.channel = ch.channel AND c.is_active) granted ON true
        LEFT JOIN LATERAL (
            SELECT c.contact_id FROM consent.contact c
            WHERE c.school_id = p_school AND c.subject_id = s.subject_id AND c.channel = ch.channel AND c.is_active
            ORDER BY c.verified_at NULLS LAST, c.contact_id LIMIT 1) other ON true
        WHERE s.school_id = p_school AND s.is_active AND 'guardian' = ANY (s.roles)
          AND NOT EXISTS (SELECT FROM consent.envelope o
                          WHERE o.campaign_id = p_campaign.campaign_id AND o.school_id = p_school
                            AND o.subject_id = s.subject_id AND o.channel = ch.channel
                            AND o.state NOT IN ('denied', 'suppressed', 'cancelled', 'expired'))
        RETURNING envelope_id)
    SELECT coalesce(array_agg(envelope_id), '{}') INTO v_ids FROM new;
    RETURN v_ids;
END $$;
