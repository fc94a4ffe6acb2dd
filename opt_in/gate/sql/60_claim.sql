-- The decision that counts. Under the school's short lock: decide, write decision, leaf and envelope, commit.

CREATE FUNCTION consent.claim(ids uuid[])
RETURNS TABLE (envelope_id uuid, school_id uuid, verdict text, code text, codes text[], decided_at timestamptz, policy int,
               seq bigint, leaf_sha256 bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    -- What revoking may have to wait for stays short, whatever the dispatcher asks.
    PERFORM consent.require(cardinality(ids) <= 100, 'At most 100 messages in one claim.');
    -- always in the same order, so that two dispatchers never wait for each other
    FOR school_id IN
        SELECT DISTINCT e.school_id FROM consent.envelope e WHERE e.envelope_id = ANY (ids) ORDER BY 1
    LOOP
        RETURN QUERY SELECT * FROM consent.claim_at(school_id, ids);
    END LOOP;
END $$;

-- The planner's settings are those of claim(): setting them costs, and this is called by nobody else.
CREATE FUNCTION consent.claim_at(p_school uuid, p_ids uuid[])
RETURNS TABLE (envelope_id uuid, school_id uuid, verdict text, code text, codes text[], decided_at timestamptz, policy int,
               seq bigint, leaf_sha256 bytea)
LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_now    timestamptz;
    v_d      record;
    v_first  bigint;
    v_hashes bytea[];
BEGIN
    PERFORM consent.lock_school(p_school);
    v_now := consent.now();
    -- From here on nobody else changes a waiting envelope of this school: sweep and claim both hold this lock.
    SELECT array_agg(d.envelope_id) AS ids, array_agg(d.verdict) AS verdicts, array_agg(d.code) AS codes,
           array_agg(array_to_string(d.codes, ',')) AS all_codes, array_agg(d.look_again_at) AS looks,
           array_agg(d.contact_version) AS versions, array_agg(d.instruction_id) AS instructions,
           coalesce(array_agg(d.body) FILTER (WHERE d.body IS NOT NULL), '{}') AS bodies
    INTO v_d FROM consent.decide_batch(p_school, p_ids, v_now) d;
    IF v_d.ids IS NULL THEN
        RETURN;
    END IF;

    UPDATE consent.envelope e
    SET state = CASE d.verdict WHEN 'ALLOW' THEN 'claimed' WHEN 'DENY' THEN 'denied' ELSE e.state END, code = d.code,
        attempts = e.attempts + (d.verdict <> 'HOLD')::int,
        next_look_at = CASE d.verdict WHEN 'HOLD' THEN d.look ELSE e.next_look_at END,
        lease_until = CASE d.verdict WHEN 'ALLOW' THEN v_now + interval '30 seconds' END,
        ended_at = CASE d.verdict WHEN 'DENY' THEN v_now END,
        params = CASE d.verdict WHEN 'DENY' THEN NULL ELSE e.params END,
        contact_version = d.version, instruction_id = d.instruction_id, taken_at = NULL
    FROM unnest(v_d.ids, v_d.verdicts, v_d.codes, v_d.looks, v_d.versions, v_d.instructions)
         AS d (envelope_id, verdict, code, look, version, instruction_id)
    WHERE e.envelope_id = d.envelope_id AND e.state = 'queued';

    IF cardinality(v_d.bodies) > 0 THEN
        SELECT first_seq, hashes INTO v_first, v_hashes FROM consent.append_leaves(p_school, 'dispatch', v_d.bodies);
        INSERT INTO consent.handed_over (instruction_id, total)
        SELECT x.instruction_id, x.claimed + coalesce((
                   SELECT h.total FROM consent.handed_over h WHERE h.instruction_id = x.instruction_id
                   ORDER BY h.total DESC LIMIT 1), 0)
        FROM (SELECT i.instruction_id, count(*) AS claimed FROM unnest(v_d.instructions, v_d.verdicts) AS i (instruction_id, verdict)
              WHERE i.verdict = 'ALLOW' AND i.instruction_id IS NOT NULL GROUP BY i.instruction_id) x;
    END IF;

    RETURN QUERY
    WITH d AS MATERIALIZED (
        SELECT n.envelope_id, n.verdict, n.code, string_to_array(n.codes, ',') AS codes,
               CASE WHEN n.verdict <> 'HOLD' THEN count(*) FILTER (WHERE n.verdict <> 'HOLD') OVER (ORDER BY n.position) END AS nth
        FROM unnest(v_d.ids, v_d.verdicts, v_d.codes, v_d.all_codes) WITH ORDINALITY AS n (envelope_id, verdict, code, codes, position)
    ), written AS (
        INSERT INTO consent.decision (envelope_id, attempt, school_id, verdict, code, codes, policy, decided_at, seq)
        SELECT d.envelope_id, e.attempts, p_school, d.verdict, d.code, d.codes, consent.policy_version(), v_now, v_first + d.nth - 1
        FROM d JOIN consent.envelope e ON e.envelope_id = d.envelope_id
        WHERE d.nth IS NOT NULL)
    SELECT d.envelope_id, p_school, d.verdict, d.code, d.codes, v_now, consent.policy_version(), v_first + d.nth - 1, v_hashes[d.nth]
    FROM d;
END $$;
