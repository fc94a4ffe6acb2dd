-- Rules 3, 4, 5, 7, 8 and 9 for one campaign and one channel at one school: what does not depend on the recipient.

-- Rule 7. The instruction that permits, or why none does.
CREATE FUNCTION consent.judge_instruction(
    p_school uuid, p_purpose text, p_product text, p_channel text, p_audience text, p_now timestamptz,
    OUT code text, OUT instruction_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_row record;
BEGIN
    -- The most permissive instruction that covers the message, else the latest of those that do not.
    SELECT i.instruction_id, covers, standing INTO v_row
    FROM consent.instruction i
    CROSS JOIN LATERAL (SELECT
        p_purpose = ANY (i.purposes) AND p_product = ANY (i.products) AND p_channel = ANY (i.channels)
            AND i.audience = p_audience AS covers,
        CASE WHEN i.revoked_at IS NOT NULL THEN 'REVOKED' WHEN i.valid_to <= p_now THEN 'EXPIRED'
             WHEN i.valid_from > p_now THEN 'LATER' ELSE 'LIVE' END AS standing) x
    WHERE i.school_id = p_school
    ORDER BY (CASE WHEN covers AND standing = 'LIVE' THEN 0 WHEN covers AND standing = 'LATER' THEN 1
                   WHEN standing IN ('LIVE', 'LATER') THEN 2 WHEN covers THEN 3 ELSE 4 END),
             i.made_at DESC, i.instruction_id DESC
    LIMIT 1;
    IF v_row IS NULL THEN
        code := 'DENY_SCHOOL_NOT_AUTHORISED';
        RETURN;
    END IF;
    instruction_id := v_row.instruction_id;
    code := CASE
        WHEN v_row.covers AND v_row.standing = 'LIVE' THEN NULL
        WHEN v_row.covers AND v_row.standing = 'LATER' THEN 'HOLD_INSTRUCTION_NOT_YET_VALID'
        WHEN v_row.standing IN ('LIVE', 'LATER') THEN 'DENY_SCHOOL_SCOPE'
        ELSE 'DENY_SCHOOL_' || v_row.standing END;
END $$;

-- Rule 8. A negative resolution counts at once and for what it names, or for everything; a positive one counts once the
-- chair has confirmed it, within its school year. The latest by the day it was decided wins.
CREATE FUNCTION consent.judge_resolution(
    p_school uuid, p_purpose text, p_product text, p_zone text, p_now timestamptz,
    OUT code text, OUT resolution_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_today date := (p_now AT TIME ZONE p_zone)::date;
    v_row   record;
BEGIN
    SELECT r.resolution_id, r.outcome, r.decided_on INTO v_row
    FROM consent.resolution r
    WHERE r.school_id = p_school
      AND CASE r.outcome
          WHEN 'negative' THEN (cardinality(r.purposes) = 0 OR p_purpose = ANY (r.purposes))
                           AND (cardinality(r.products) = 0 OR p_product = ANY (r.products))
          ELSE r.confirmed_at IS NOT NULL AND p_purpose = ANY (r.purposes) AND p_product = ANY (r.products) END
    ORDER BY r.decided_on DESC, r.number DESC
    LIMIT 1;
    resolution_id := v_row.resolution_id;
    code := CASE
        WHEN v_row IS NULL THEN 'DENY_COUNCIL_MISSING'
        WHEN v_row.outcome = 'negative' THEN 'DENY_COUNCIL_OPPOSED'
        WHEN consent.school_year(v_row.decided_on) < consent.school_year(v_today) THEN 'DENY_COUNCIL_EXPIRED'
        WHEN v_row.decided_on > v_today THEN 'HOLD_COUNCIL_NOT_YET_VALID' END;
END $$;

CREATE FUNCTION consent.campaign_facts(
    p_school uuid, p_campaign uuid, p_channel text, p_now timestamptz,
    OUT codes text[], OUT purpose text, OUT sender_id text, OUT content_sha256 bytea, OUT has_way_out boolean,
    OUT instruction_id uuid, OUT resolution_id uuid, OUT approval_id bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    v_fact record;
BEGIN
    SELECT s.stage, c.purpose, c.sender_id, c.channels, t.content_sha256, sn.origin AS sender_origin,
           coalesce(CASE p_channel WHEN 'sms' THEN sn.has_stop_word ELSE sn.has_one_click END, false) AS has_way_out,
           EXISTS (SELECT FROM unnest(s.folded_names) AS name WHERE position(name IN t.surface) > 0) AS imitates,
           c.stopped_at IS NOT NULL OR EXISTS (
               SELECT FROM consent.kill_switch k WHERE k.is_on
               AND (k.scope, k.key) IN (('platform', ''), ('channel', p_channel), ('campaign', p_campaign::text))) AS killed,
           i.code AS rule_7, i.instruction_id, r.code AS rule_8, r.resolution_id,
           a.approval_id, a.outcome AS approval, a.content_sha256 AS approved_sha256
    INTO v_fact
    FROM consent.school s
    JOIN consent.campaign c ON c.campaign_id = p_campaign
    JOIN consent.campaign_text t ON t.campaign_id = c.campaign_id
    LEFT JOIN consent.sender sn ON sn.sender_id = c.sender_id
    CROSS JOIN LATERAL consent.judge_instruction(p_school, c.purpose, c.product, p_channel, c.audience, p_now) i
    CROSS JOIN LATERAL consent.judge_resolution(p_school, c.purpose, c.product, s.time_zone, p_now) r
    LEFT JOIN LATERAL (SELECT * FROM consent.approval a WHERE a.school_id = p_school AND a.campaign_id = p_campaign
                       ORDER BY a.approval_id DESC LIMIT 1) a ON true
    WHERE s.school_id = p_school;
    IF NOT FOUND THEN
        codes := ARRAY['DENY_INPUT_UNAVAILABLE'];
        RETURN;
    END IF;
    purpose := v_fact.purpose;
    sender_id := v_fact.sender_id;
    content_sha256 := v_fact.content_sha256;
    has_way_out := v_fact.has_way_out;
    instruction_id := v_fact.instruction_id;
    resolution_id := v_fact.resolution_id;
    approval_id := v_fact.approval_id;
    codes := array_remove(ARRAY[
        CASE WHEN v_fact.sender_origin IS DISTINCT FROM 'vendor' THEN 'DENY_SENDER_NOT_OWNED' END,
        CASE WHEN v_fact.imitates THEN 'DENY_IMPERSONATION' END,
        CASE WHEN v_fact.killed THEN 'DENY_KILL_SWITCH' END,
        CASE WHEN v_fact.stage <> 'live' THEN 'DENY_SCHOOL_NOT_LIVE' END,
        CASE WHEN v_fact.rule_8 = 'DENY_COUNCIL_OPPOSED' THEN v_fact.rule_8 END,
        coalesce(v_fact.rule_7, CASE WHEN NOT p_channel = ANY (v_fact.channels) THEN 'DENY_SCHOOL_SCOPE' END),
        CASE WHEN v_fact.rule_8 <> 'DENY_COUNCIL_OPPOSED' THEN v_fact.rule_8 END,
        CASE WHEN v_fact.approval_id IS NULL THEN 'HOLD_AWAITING_DIRECTOR'
             WHEN v_fact.approval = 'rejected' THEN 'DENY_DIRECTOR_REJECTED'
             WHEN v_fact.approved_sha256 <> v_fact.content_sha256 THEN 'DENY_CONTENT_CHANGED' END
    ], NULL);
END $$;

-- Any DENY wins, then any HOLD. The codes come in the order of the rules; the primary one is the first of the kind that won.
CREATE FUNCTION consent.primary_code(p_codes text[]) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN coalesce((SELECT code FROM unnest(p_codes) WITH ORDINALITY AS c (code, n) WHERE code LIKE 'DENY%' ORDER BY n LIMIT 1),
                p_codes[1]);

CREATE FUNCTION consent.verdict_of(p_code text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN coalesce(split_part(p_code, '_', 1), 'ALLOW');

-- The school as a whole: the campaign's most promising channel decides, so that one channel outside the instruction does
-- not hide another inside it.
CREATE FUNCTION consent.judge_school(p_school uuid, p_campaign uuid, p_now timestamptz,
                                     OUT verdict text, OUT code text, OUT codes text[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT consent.verdict_of(consent.primary_code(f.codes)), consent.primary_code(f.codes), f.codes
    FROM consent.campaign c
    CROSS JOIN LATERAL unnest(c.channels) WITH ORDINALITY AS ch (channel, n)
    CROSS JOIN LATERAL consent.campaign_facts(p_school, c.campaign_id, ch.channel, p_now) f
    WHERE c.campaign_id = p_campaign
    ORDER BY array_position(ARRAY['ALLOW', 'HOLD', 'DENY'], consent.verdict_of(consent.primary_code(f.codes))), n
    LIMIT 1
$$;
