-- The decision that counts. Under the school's short lock: decide, write decision, leaf and envelope, commit.

-- The body of a decision's leaf, RFC 8785: all values are ids, codes, hex and integers, so nothing needs escaping.
CREATE FUNCTION consent.decision_leaf(
    p_envelope uuid, p_attempt int, p_campaign uuid, p_kind text, p_class text, p_channel text, p_content bytea,
    p_pseudonym text, p_verdict text, p_code text, p_codes text[], p_contact_version int, p_event uuid, p_notice uuid,
    p_instruction uuid, p_resolution uuid, p_approval bigint, p_now text)
RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN '{"act":"decide","approval":' || coalesce(p_approval::text, 'null')
    || ',"at":"' || p_now || '","attempt":' || p_attempt
    || ',"campaign":' || coalesce('"' || p_campaign || '"', 'null')
    || ',"channel":"' || p_channel || '","class":"' || p_class || '","code":' || coalesce('"' || p_code || '"', 'null')
    || ',"codes":' || CASE WHEN cardinality(p_codes) = 0 THEN '[]' ELSE '["' || array_to_string(p_codes, '","') || '"]' END
    || ',"consent":' || coalesce('"' || p_event || '"', 'null')
    || ',"contact_version":' || coalesce(p_contact_version::text, 'null')
    || ',"content":"' || encode(p_content, 'hex') || '","envelope":"' || p_envelope
    || '","instruction":' || coalesce('"' || p_instruction || '"', 'null')
    || ',"kind":"' || p_kind || '","notice":' || coalesce('"' || p_notice || '"', 'null')
    || ',"policy":' || consent.policy_version()
    || ',"resolution":' || coalesce('"' || p_resolution || '"', 'null')
    || ',"subject":' || coalesce('"' || p_pseudonym || '"', 'null')
    || ',"verdict":"' || p_verdict || '"}';

CREATE FUNCTION consent.claim(ids uuid[])
RETURNS TABLE (envelope_id uuid, school_id uuid, verdict text, code text, codes text[], decided_at timestamptz, policy int,
               seq bigint, leaf_sha256 bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_school  uuid;
    v_now     timestamptz;
    v_iso     text;
    v_waiting uuid[];
    v_d       record;
    v_ids     uuid[];
    v_codes   text[];
    v_bodies  text[];
    v_first   bigint;
    v_hashes  bytea[];
    v_n       int;
BEGIN
    -- What revoking may have to wait for stays short, whatever the dispatcher asks.
    PERFORM consent.require(cardinality(ids) <= 100, 'At most 100 messages in one claim.');
    -- always in the same order, so that two dispatchers never wait for each other
    FOR v_school IN
        SELECT DISTINCT e.school_id FROM consent.envelope e WHERE e.envelope_id = ANY (ids) ORDER BY 1
    LOOP
        PERFORM consent.lock_school(v_school);
        v_now := consent.now();
        v_iso := consent.iso(v_now);
        v_waiting := ARRAY(SELECT e.envelope_id FROM consent.envelope e
                           WHERE e.envelope_id = ANY (ids) AND e.school_id = v_school AND e.state = 'queued'
                           ORDER BY e.envelope_id FOR UPDATE);
        CONTINUE WHEN cardinality(v_waiting) = 0;
        v_ids := '{}';
        v_bodies := '{}';
        FOR v_d IN
            WITH d AS MATERIALIZED (
                SELECT * FROM consent.decide_batch(v_school, v_waiting, v_now)
            ), held AS (
                UPDATE consent.envelope e SET next_look_at = d.look_again_at, code = d.code
                FROM d WHERE e.envelope_id = d.envelope_id AND d.verdict = 'HOLD'
            ), ended AS (
                UPDATE consent.envelope e
                SET state = CASE d.verdict WHEN 'ALLOW' THEN 'claimed' ELSE 'denied' END, code = d.code, attempts = e.attempts + 1,
                    lease_until = CASE d.verdict WHEN 'ALLOW' THEN v_now + interval '30 seconds' END,
                    ended_at = CASE d.verdict WHEN 'DENY' THEN v_now END,
                    params = CASE d.verdict WHEN 'ALLOW' THEN e.params END,
                    contact_version = d.contact_version, instruction_id = d.instruction_id, taken_at = NULL
                FROM d WHERE e.envelope_id = d.envelope_id AND d.verdict <> 'HOLD'
                RETURNING e.envelope_id, e.attempts, e.campaign_id, e.kind, e.class, e.channel, e.content_sha256
            )
            SELECT d.envelope_id, d.verdict, d.code, d.codes, x.attempts,
                   CASE WHEN x.envelope_id IS NOT NULL THEN consent.decision_leaf(
                       d.envelope_id, x.attempts, x.campaign_id, x.kind, x.class, x.channel, x.content_sha256, d.pseudonym,
                       d.verdict, d.code, d.codes, d.contact_version, d.consent_event, d.notice_id, d.instruction_id,
                       d.resolution_id, d.approval_id, v_iso) END AS body
            FROM d LEFT JOIN ended x ON x.envelope_id = d.envelope_id
            ORDER BY d.envelope_id
        LOOP
            envelope_id := v_d.envelope_id;
            school_id := v_school;
            verdict := v_d.verdict;
            code := v_d.code;
            codes := v_d.codes;
            decided_at := v_now;
            policy := consent.policy_version();
            seq := NULL;
            leaf_sha256 := NULL;
            IF v_d.body IS NULL THEN
                RETURN NEXT;               -- HOLD: no decision yet, no leaf
            ELSE
                v_ids := v_ids || v_d.envelope_id;
                v_bodies := v_bodies || v_d.body;
            END IF;
        END LOOP;
        CONTINUE WHEN cardinality(v_ids) = 0;
        SELECT first_seq, hashes INTO v_first, v_hashes FROM consent.append_leaves(v_school, 'dispatch', v_bodies);
        RETURN QUERY
        INSERT INTO consent.decision AS d (envelope_id, attempt, school_id, verdict, code, codes, policy, decided_at, seq)
        SELECT e.envelope_id, e.attempts, v_school, CASE e.state WHEN 'claimed' THEN 'ALLOW' ELSE 'DENY' END, e.code,
               ARRAY(SELECT jsonb_array_elements_text(new.body::jsonb -> 'codes')), consent.policy_version(), v_now,
               v_first + new.n - 1
        FROM unnest(v_ids, v_bodies) WITH ORDINALITY AS new (envelope_id, body, n)
        JOIN consent.envelope e ON e.envelope_id = new.envelope_id
        RETURNING d.envelope_id, d.school_id, d.verdict, d.code, d.codes, d.decided_at, d.policy, d.seq,
                  v_hashes[d.seq - v_first + 1];
    END LOOP;
END $$;
