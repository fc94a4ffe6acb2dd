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
    v_school      consent.school;
    v_campaign    record;
    v_sender      consent.sender;
    v_approval    record;
    v_rule_7      text;
    v_rule_8      text;
    v_imitates    boolean;
    v_killed      boolean;
BEGIN
    SELECT * INTO v_school FROM consent.school WHERE school_id = p_school;
    SELECT * INTO v_campaign FROM consent.campaign c JOIN consent.campaign_text t USING (campaign_id)
    WHERE c.campaign_id = p_campaign;
    IF v_school.school_id IS NULL OR v_campaign.campaign_id IS NULL THEN
        codes := ARRAY['DENY_INPUT_UNAVAILABLE'];
        RETURN;
    END IF;
    purpose := v_campaign.purpose;
    sender_id := v_campaign.sender_id;
    content_sha256 := v_campaign.content_sha256;

    SELECT * INTO v_sender FROM consent.sender s WHERE s.sender_id = v_campaign.sender_id;
    v_imitates := EXISTS (SELECT FROM unnest(v_school.folded_names) AS name WHERE position(name IN v_campaign.surface) > 0);
    has_way_out := coalesce(CASE p_channel WHEN 'sms' THEN v_sender.has_stop_word ELSE v_sender.has_one_click END, false);
    v_killed := v_campaign.stopped_at IS NOT NULL OR EXISTS (
        SELECT FROM consent.kill_switch k WHERE k.is_on
        AND (k.scope, k.key) IN (('platform', ''), ('channel', p_channel), ('campaign', p_campaign::text)));

    SELECT code, i.instruction_id INTO v_rule_7, instruction_id
    FROM consent.judge_instruction(p_school, v_campaign.purpose, v_campaign.product, p_channel, v_campaign.audience, p_now) i;
    IF NOT p_channel = ANY (v_campaign.channels) THEN
        v_rule_7 := coalesce(v_rule_7, 'DENY_SCHOOL_SCOPE');
    END IF;
    SELECT code, r.resolution_id INTO v_rule_8, resolution_id
    FROM consent.judge_resolution(p_school, v_campaign.purpose, v_campaign.product, v_school.time_zone, p_now) r;
    SELECT a.approval_id, a.outcome, a.content_sha256 INTO v_approval FROM consent.approval a
    WHERE a.school_id = p_school AND a.campaign_id = p_campaign ORDER BY a.approval_id DESC LIMIT 1;
    approval_id := v_approval.approval_id;

    codes := array_remove(ARRAY[
        CASE WHEN v_sender.origin IS DISTINCT FROM 'vendor' THEN 'DENY_SENDER_NOT_OWNED' END,
        CASE WHEN v_imitates THEN 'DENY_IMPERSONATION' END,
        CASE WHEN v_killed THEN 'DENY_KILL_SWITCH' END,
        CASE WHEN v_school.stage <> 'live' THEN 'DENY_SCHOOL_NOT_LIVE' END,
        CASE WHEN v_rule_8 = 'DENY_COUNCIL_OPPOSED' THEN v_rule_8 END,
        v_rule_7,
        CASE WHEN v_rule_8 <> 'DENY_COUNCIL_OPPOSED' THEN v_rule_8 END,
        CASE WHEN v_approval IS NULL THEN 'HOLD_AWAITING_DIRECTOR'
             WHEN v_approval.outcome = 'rejected' THEN 'DENY_DIRECTOR_REJECTED'
             WHEN v_approval.content_sha256 <> v_campaign.content_sha256 THEN 'DENY_CONTENT_CHANGED' END
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
