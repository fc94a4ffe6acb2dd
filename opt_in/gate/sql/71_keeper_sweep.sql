-- Tidies what no longer can or may go out. The claim refuses it anyway; this makes the lists tell the truth.

-- Closes up to 100 waiting envelopes of one school for one reason, with one leaf that lists them.
CREATE FUNCTION consent.close_waiting(p_school uuid, p_ids uuid[], p_state text, p_code text, p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    v_closed uuid[];
BEGIN
    IF NOT consent.try_lock_school(p_school) THEN
        RETURN 0;                          -- busy: the next sweep comes soon
    END IF;
    WITH closed AS (
        UPDATE consent.envelope SET state = p_state, code = p_code, params = NULL, ended_at = p_now
        WHERE envelope_id = ANY (p_ids) AND school_id = p_school AND state = 'queued' RETURNING envelope_id)
    SELECT coalesce(array_agg(envelope_id ORDER BY envelope_id), '{}') INTO v_closed FROM closed;
    IF cardinality(v_closed) > 0 THEN
        PERFORM consent.append_leaf(p_school, 'dispatch', p_state, p_now, jsonb_build_object('code', p_code, 'envelopes', v_closed));
    END IF;
    RETURN cardinality(v_closed);
END $$;

-- Envelopes of vendor campaigns that wait where the school as a whole, or the reader's last word, refuses by now.
CREATE FUNCTION consent.cancel_refused(p_max int, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_group record;
    v_done  bigint := 0;
BEGIN
    FOR v_group IN
        WITH waiting AS (
            SELECT e.school_id, e.campaign_id, e.channel, e.subject_id, e.envelope_id FROM consent.envelope e
            WHERE e.state = 'queued' AND e.campaign_id IS NOT NULL
        ), refused AS (
            SELECT w.school_id, w.campaign_id, w.channel, consent.primary_code(f.codes) AS code
            FROM (SELECT DISTINCT school_id, campaign_id, channel FROM waiting) w
            CROSS JOIN LATERAL consent.campaign_facts(w.school_id, w.campaign_id, w.channel, p_now) f
        ), named AS (
            SELECT w.school_id, w.envelope_id,
                   CASE WHEN r.code LIKE 'DENY%' THEN r.code
                        WHEN g.act = 'withdraw' THEN 'DENY_OPT_IN_WITHDRAWN'
                        WHEN g.act = 'refuse' THEN 'DENY_OPT_IN_REFUSED'
                        WHEN EXISTS (SELECT FROM consent.suppression s WHERE s.school_id = w.school_id
                                     AND s.subject_id = w.subject_id AND s.reason = 'objection')
                        THEN 'DENY_SUPPRESSED_OBJECTION' END AS code
            FROM waiting w
            JOIN refused r USING (school_id, campaign_id, channel)
            JOIN consent.campaign c USING (campaign_id)
            LEFT JOIN LATERAL (SELECT v.act FROM consent.consent_event v
                               WHERE v.school_id = w.school_id AND v.subject_id = w.subject_id AND v.purpose = c.purpose
                                 AND v.channel = w.channel ORDER BY v.number DESC LIMIT 1) g ON true
        ), packed AS (
            SELECT school_id, code, envelope_id,
                   (row_number() OVER (PARTITION BY school_id, code ORDER BY envelope_id) - 1) / 100 AS pack
            FROM named WHERE code IS NOT NULL)
        SELECT school_id, code, array_agg(envelope_id) AS ids FROM packed
        GROUP BY school_id, code, pack ORDER BY school_id LIMIT greatest(p_max / 100, 1)
    LOOP
        v_done := v_done + consent.close_waiting(v_group.school_id, v_group.ids, 'cancelled', v_group.code, p_now);
    END LOOP;
    RETURN v_done;
END $$;

CREATE FUNCTION consent.expire_waiting(p_max int, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_group record;
    v_done  bigint := 0;
BEGIN
    FOR v_group IN
        SELECT school_id, array_agg(envelope_id) AS ids FROM (
            SELECT school_id, envelope_id, (row_number() OVER (PARTITION BY school_id ORDER BY envelope_id) - 1) / 100 AS pack
            FROM consent.envelope WHERE state = 'queued' AND expires_at <= p_now) late
        GROUP BY school_id, pack ORDER BY school_id LIMIT greatest(p_max / 100, 1)
    LOOP
        v_done := v_done + consent.close_waiting(v_group.school_id, v_group.ids, 'expired', 'DENY_MESSAGE_EXPIRED', p_now);
    END LOOP;
    RETURN v_done;
END $$;

-- Claims whose dispatcher never came back: marketing is unknown for ever, the rest is tried again.
CREATE FUNCTION consent.end_leases(p_max int, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_id   uuid;
    v_done bigint := 0;
BEGIN
    FOR v_id IN
        SELECT envelope_id FROM consent.envelope WHERE state = 'claimed' AND lease_until <= p_now
        ORDER BY lease_until LIMIT p_max FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM consent.finish(v_id, 'unknown', NULL, 'the lease ended without an outcome', p_now);
        v_done := v_done + 1;
    END LOOP;
    RETURN v_done;
END $$;

-- Puts the outcomes into the stream dispatch, at most 100 in a leaf.
CREATE FUNCTION consent.chain_outcomes(p_max int, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school uuid;
    v_busy   uuid[] := '{}';
    v_body   jsonb;
    v_done   bigint := 0;
BEGIN
    WHILE v_done < p_max LOOP
        SELECT school_id INTO v_school FROM consent.outcome WHERE school_id <> ALL (v_busy) ORDER BY outcome_id LIMIT 1;
        EXIT WHEN NOT FOUND;
        IF NOT consent.try_lock_school(v_school) THEN
            v_busy := v_busy || v_school;
            CONTINUE;
        END IF;
        WITH gone AS (
            DELETE FROM consent.outcome WHERE outcome_id IN (
                SELECT outcome_id FROM consent.outcome WHERE school_id = v_school ORDER BY outcome_id LIMIT 100)
            RETURNING *)
        SELECT jsonb_agg(jsonb_build_object('envelope', envelope_id, 'attempt', attempt, 'outcome', outcome, 'at', consent.iso(made_at))
                         ORDER BY outcome_id) INTO v_body FROM gone;
        EXIT WHEN v_body IS NULL;          -- another keeper was quicker
        PERFORM consent.append_leaf(v_school, 'dispatch', 'outcomes', p_now, jsonb_build_object('outcomes', v_body));
        v_done := v_done + jsonb_array_length(v_body);
    END LOOP;
    RETURN v_done;
END $$;

-- Each kind of work up to `max`; call again while something comes back.
CREATE FUNCTION consent.sweep(max int, OUT cancelled bigint, OUT expired bigint, OUT leases bigint, OUT chained bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_now timestamptz := consent.now();
BEGIN
    leases := consent.end_leases(max, v_now);
    cancelled := consent.cancel_refused(max, v_now);
    expired := consent.expire_waiting(max, v_now);
    chained := consent.chain_outcomes(max, v_now);
END $$;

-- What the vendor may know of a campaign: numbers, made from time to time and rounded when read.
CREATE FUNCTION consent.tally() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_now  timestamptz := consent.now();
    v_rows bigint;
BEGIN
    -- a campaign is counted until a week after its end; until its end the schools' verdicts follow what the schools decide
    UPDATE consent.campaign_target t SET verdict = v.verdict, code = v.code, codes = v.codes, judged_at = v_now
    FROM consent.campaign c
    CROSS JOIN LATERAL (SELECT c2.school_id, j.* FROM consent.campaign_target c2
                        CROSS JOIN LATERAL consent.judge_school(c2.school_id, c2.campaign_id, v_now) j
                        WHERE c2.campaign_id = c.campaign_id) v
    WHERE t.campaign_id = c.campaign_id AND t.school_id = v.school_id AND c.expires_at > v_now
      AND (t.verdict, t.code, t.codes) IS DISTINCT FROM (v.verdict, v.code, v.codes);
    DELETE FROM consent.tally t USING consent.campaign c
    WHERE c.campaign_id = t.campaign_id AND c.expires_at > v_now - interval '7 days';
    INSERT INTO consent.tally (campaign_id, school_id, state, code, messages, made_at)
    SELECT e.campaign_id, e.school_id, e.state, coalesce(e.code, ''), count(*), v_now
    FROM consent.envelope e JOIN consent.campaign c USING (campaign_id)
    WHERE c.expires_at > v_now - interval '7 days'
    GROUP BY e.campaign_id, e.school_id, e.state, coalesce(e.code, '');
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;
