-- What a school decides: its stage, its instruction to the vendor, its Council's resolutions.

CREATE FUNCTION consent.change_stage(p_school consent.school, p_actor uuid, p_stage text) RETURNS timestamptz LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_now timestamptz;
BEGIN
    PERFORM consent.lock_school(p_school.school_id);
    v_now := consent.now();
    PERFORM consent.require_role(p_school.school_id, p_actor, 'director');
    UPDATE consent.school SET stage = p_stage, live_at = CASE WHEN p_stage = 'live' THEN v_now ELSE live_at END
    WHERE school_id = p_school.school_id AND stage IN ('onboarding', 'live', 'suspended') AND stage <> p_stage;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = format('A school cannot become %s from the stage it is in.', p_stage);
    END IF;
    PERFORM consent.record_act(p_school.school_id, 'stage', v_now, jsonb_build_object(
        'stage', p_stage, 'actor', consent.pseudonym_of(p_school.school_id, p_actor)));
    RETURN v_now;
END $$;

CREATE FUNCTION consent.go_live(actor uuid) RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
RETURN consent.change_stage(consent.current_school(), actor, 'live');

CREATE FUNCTION consent.suspend(actor uuid) RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
RETURN consent.change_stage(consent.current_school(), actor, 'suspended');

CREATE FUNCTION consent.require_scope(p_purposes text[], p_products text[]) RETURNS void LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    PERFORM consent.require(p_purposes <@ ARRAY['vendor_offers'], 'Unknown purpose; the only one is vendor_offers.');
    PERFORM consent.require(coalesce(bool_and(product ~ '^[a-z0-9._-]{1,60}$'), true), 'A product is named by a-z, 0-9, dot, dash.')
    FROM unnest(p_products) AS product;
END $$;

CREATE FUNCTION consent.authorise(actor uuid, purposes text[], products text[], channels text[], audience text,
                                  valid_from timestamptz DEFAULT NULL, valid_to timestamptz DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school consent.school := consent.current_school();
    v_id     uuid := consent.new_id();
    v_now    timestamptz;
    v_from   timestamptz;
    v_to     timestamptz;
BEGIN
    PERFORM consent.require(cardinality(purposes) > 0 AND cardinality(products) > 0 AND cardinality(channels) > 0,
                            'Name at least one purpose, one product and one channel.');
    PERFORM consent.require_scope(purposes, products);
    PERFORM consent.require(channels <@ ARRAY['email', 'sms', 'in_app', 'push'], 'Unknown channel.');
    PERFORM consent.require(audience = 'guardians', 'The only audience is guardians.');
    PERFORM consent.lock_school(v_school.school_id);
    v_now := consent.now();
    PERFORM consent.require_role(v_school.school_id, actor, 'director');
    v_from := greatest(coalesce(valid_from, v_now), v_now);
    v_to := least(coalesce(valid_to, 'infinity'), consent.year_end(v_now, v_school.time_zone));
    PERFORM consent.require(v_from < v_to, 'An instruction must begin before it ends, and it ends on 31 August at the latest.');
    INSERT INTO consent.instruction (instruction_id, school_id, actor, purposes, products, channels, audience,
                                     valid_from, valid_to, made_at)
    VALUES (v_id, v_school.school_id, actor, purposes, products, channels, audience, v_from, v_to, v_now);
    PERFORM consent.record_act(v_school.school_id, 'authorise', v_now, jsonb_build_object(
        'instruction', v_id, 'actor', consent.pseudonym_of(v_school.school_id, actor), 'purposes', purposes,
        'products', products, 'channels', channels, 'audience', audience,
        'valid_from', consent.iso(v_from), 'valid_to', consent.iso(v_to)));
    RETURN v_id;
END $$;

-- Offers to one person that the dispatcher already had in hand: what a withdrawal can no longer reach.
CREATE FUNCTION consent.handed_over_to(p_school uuid, p_subject uuid, p_channel text DEFAULT NULL, p_purpose text DEFAULT NULL)
RETURNS bigint LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN (SELECT count(*) FROM consent.campaign_target t
        JOIN consent.campaign c USING (campaign_id)
        JOIN consent.envelope e ON e.campaign_id = t.campaign_id AND e.school_id = t.school_id
        WHERE t.school_id = p_school
          AND e.state IN ('claimed', 'sent', 'unknown', 'failed', 'bounced')
          AND e.subject_id = p_subject
          AND (p_channel IS NULL OR e.channel = p_channel)
          AND (p_purpose IS NULL OR c.purpose = p_purpose));

CREATE FUNCTION consent.revoke(actor uuid, reason text, OUT effective_at timestamptz, OUT handed_over bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_variable
DECLARE
    v_school consent.school := consent.current_school();
    v_ids    uuid[];
BEGIN
    PERFORM consent.lock_school(v_school.school_id);
    effective_at := consent.now();
    PERFORM consent.require_role(v_school.school_id, actor, 'director');
    WITH gone AS (
        UPDATE consent.instruction i SET revoked_at = effective_at, revoked_by = actor, revoke_reason = reason
        WHERE i.school_id = v_school.school_id AND i.revoked_at IS NULL AND i.valid_to > effective_at
        RETURNING i.instruction_id)
    SELECT coalesce(array_agg(instruction_id ORDER BY instruction_id), '{}') INTO v_ids FROM gone;
    IF cardinality(v_ids) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = 'There is no instruction to revoke.';
    END IF;
    PERFORM consent.record_act(v_school.school_id, 'revoke', effective_at, jsonb_build_object(
        'instructions', v_ids, 'actor', consent.pseudonym_of(v_school.school_id, actor)));
    handed_over := coalesce((
        SELECT sum((SELECT h.total FROM consent.handed_over h WHERE h.instruction_id = i ORDER BY h.total DESC LIMIT 1))
        FROM unnest(v_ids) i), 0);
END $$;

CREATE FUNCTION consent.record_resolution(
    actor uuid, outcome text, decided_on date, votes_for int, votes_against int, votes_abstained int,
    purposes text[], products text[], minutes_sha256 bytea DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school consent.school := consent.current_school();
    v_id     uuid := consent.new_id();
    v_now    timestamptz;
BEGIN
    PERFORM consent.require(outcome IN ('positive', 'negative'), 'A resolution is positive or negative.');
    PERFORM consent.require(outcome = 'negative' OR (cardinality(purposes) > 0 AND cardinality(products) > 0),
                            'A positive resolution names its purposes and products.');
    PERFORM consent.require(least(votes_for, votes_against, votes_abstained) >= 0, 'Votes are counts.');
    PERFORM consent.require(outcome = 'negative' OR votes_for > votes_against, 'A positive resolution has more votes for than against.');
    PERFORM consent.require(minutes_sha256 IS NULL OR length(minutes_sha256) = 32, 'The hash of the minutes is a SHA-256.');
    PERFORM consent.require_scope(coalesce(purposes, '{}'), coalesce(products, '{}'));
    PERFORM consent.lock_school(v_school.school_id);
    v_now := consent.now();
    PERFORM consent.require(decided_on BETWEEN (v_now - interval '2 years')::date AND (v_now + interval '1 year')::date,
                            'The day of the resolution is out of range.');
    -- Who may oppose should not need the director's goodwill: the chair may record as well.
    IF NOT EXISTS (SELECT FROM consent.subject s WHERE s.school_id = v_school.school_id AND s.subject_id = actor
                   AND s.is_active AND s.roles && ARRAY['director', 'council_chair']) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = 'Only the director or the chair of the Parents'' Council may do this.';
    END IF;
    INSERT INTO consent.resolution (resolution_id, school_id, outcome, decided_on, votes_for, votes_against, votes_abstained,
                                    purposes, products, minutes_sha256, recorded_by, recorded_at)
    VALUES (v_id, v_school.school_id, outcome, decided_on, votes_for, votes_against, votes_abstained,
            coalesce(purposes, '{}'), coalesce(products, '{}'), minutes_sha256, actor, v_now);
    PERFORM consent.record_act(v_school.school_id, 'resolution', v_now, jsonb_build_object(
        'resolution', v_id, 'actor', consent.pseudonym_of(v_school.school_id, actor), 'outcome', outcome,
        'decided_on', decided_on, 'votes', jsonb_build_array(votes_for, votes_against, votes_abstained),
        'purposes', coalesce(purposes, '{}'), 'products', coalesce(products, '{}'),
        'minutes_sha256', encode(minutes_sha256, 'hex')));
    RETURN v_id;
END $$;

CREATE FUNCTION consent.confirm_resolution(actor uuid, resolution_id uuid) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school consent.school := consent.current_school();
    v_row    consent.resolution;
    v_now    timestamptz;
BEGIN
    PERFORM consent.lock_school(v_school.school_id);
    v_now := consent.now();
    PERFORM consent.require_role(v_school.school_id, actor, 'council_chair');
    SELECT * INTO v_row FROM consent.resolution r
    WHERE r.school_id = v_school.school_id AND r.resolution_id = resolution_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such resolution at this school.';
    ELSIF v_row.confirmed_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = 'This resolution is confirmed already.';
    ELSIF v_row.recorded_by = actor THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = 'Whoever recorded a resolution cannot confirm it.';
    END IF;
    UPDATE consent.resolution r SET confirmed_by = actor, confirmed_at = v_now WHERE r.resolution_id = v_row.resolution_id;
    PERFORM consent.record_act(v_school.school_id, 'confirm', v_now, jsonb_build_object(
        'resolution', resolution_id, 'actor', consent.pseudonym_of(v_school.school_id, actor)));
    RETURN v_now;
END $$;

CREATE FUNCTION consent.record_approval(p_actor uuid, p_campaign uuid, p_outcome text, p_content bytea, p_reason text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school consent.school := consent.current_school();
    v_now    timestamptz;
    v_id     bigint;
BEGIN
    PERFORM consent.lock_school(v_school.school_id);
    v_now := consent.now();
    PERFORM consent.require_role(v_school.school_id, p_actor, 'director');
    IF NOT EXISTS (SELECT FROM consent.campaign_target WHERE campaign_id = p_campaign AND school_id = v_school.school_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'No such campaign was proposed to this school.';
    END IF;
    INSERT INTO consent.approval (school_id, campaign_id, actor, outcome, content_sha256, reason, made_at)
    VALUES (v_school.school_id, p_campaign, p_actor, p_outcome, p_content, p_reason, v_now) RETURNING approval_id INTO v_id;
    PERFORM consent.record_act(v_school.school_id, p_outcome, v_now, jsonb_build_object(
        'approval', v_id, 'campaign', p_campaign, 'actor', consent.pseudonym_of(v_school.school_id, p_actor),
        'content', encode(p_content, 'hex')));
    RETURN v_id;
END $$;

-- The hash is of what the director saw. If the campaign holds something else, the decision will say so.
CREATE FUNCTION consent.approve_content(actor uuid, campaign_id uuid, content_sha256 bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    PERFORM consent.require(length(content_sha256) = 32, 'The hash of the content is a SHA-256.');
    RETURN consent.record_approval(actor, campaign_id, 'approved', content_sha256, NULL);
END $$;

CREATE FUNCTION consent.reject_content(actor uuid, campaign_id uuid, reason text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
RETURN consent.record_approval(actor, campaign_id, 'rejected', NULL, reason);
