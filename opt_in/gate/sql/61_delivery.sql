-- What is due, what the dispatcher may see of it, and how it ended.

-- The most urgent first, then by school, so that a batch shares one lock. Each class and channel is looked at for itself: a code
-- is not to wait behind 30,000 offers that were queued a second before it. Shards split by school. With `channels` only what goes
-- by one of them is listed: messages of a channel that is down must neither be claimed nor hide the others.
CREATE FUNCTION consent.due(max int, shard int DEFAULT 0, shards int DEFAULT 1, channels text[] DEFAULT NULL)
RETURNS TABLE (envelope_id uuid, school_id uuid, class text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET jit = off AS $$
    WITH ready AS (
        SELECT e.envelope_id, e.school_id, e.class, e.next_look_at, k.urgency
        FROM (SELECT DISTINCT class, CASE class WHEN 'security' THEN 0 WHEN 'vendor_marketing' THEN 2 ELSE 1 END AS urgency
              FROM consent.kind) k
        CROSS JOIN unnest(coalesce(channels, ARRAY['email', 'sms', 'in_app', 'push'])) AS way (channel)
        CROSS JOIN LATERAL (
            SELECT * FROM consent.envelope e
            WHERE e.state = 'queued' AND e.class = k.class AND e.channel = way.channel AND e.next_look_at <= consent.now()
              AND (e.expires_at IS NULL OR e.expires_at > consent.now() OR e.class = 'vendor_marketing')
              AND (shards = 1 OR mod(abs(hashtextextended(e.school_id::text, 0)), shards) = shard)
            ORDER BY e.next_look_at LIMIT least(greatest(max, 0), 1000)) e
        ORDER BY k.urgency, e.next_look_at LIMIT least(greatest(max, 0), 1000))
    SELECT r.envelope_id, r.school_id, r.class FROM ready r ORDER BY r.urgency, r.school_id, r.next_look_at
$$;

-- Once per claim. Only here do parameters and a sealed address leave, and only a hash of the token stays. A text message has
-- little room: it gets 32 digits, and the token is the SHA-256 of these.
CREATE FUNCTION consent.take(ids uuid[])
RETURNS TABLE (envelope_id uuid, kind text, class text, origin text, channel text, language text, school_id uuid,
               school_names jsonb, country text, time_zone text, sender_id text, sender_name text, sender_address text, subject_id uuid,
               params bytea, params_sealed boolean, contact_id uuid, sealed_address bytea, campaign_id uuid,
               content_sha256 bytea, token text, allowed_on date, decided_at timestamptz, attempt int)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := consent.now();
BEGIN
    PERFORM consent.require(cardinality(ids) <= 100, 'At most 100 messages in one take.');
    -- an address that changed since the claim is not the one that was decided on
    PERFORM consent.finish(e.envelope_id, 'failed', NULL, 'the contact changed after the claim', v_now)
    FROM consent.envelope e
    LEFT JOIN consent.contact c ON c.school_id = e.school_id AND c.contact_id = e.contact_id AND c.is_active
    WHERE e.envelope_id = ANY (ids) AND e.state = 'claimed' AND e.taken_at IS NULL
      AND c.version IS DISTINCT FROM e.contact_version;
    RETURN QUERY
    WITH fresh AS MATERIALIZED (
        SELECT e.envelope_id, replace(CASE e.channel WHEN 'sms' THEN '' ELSE gen_random_uuid()::text END
                                      || gen_random_uuid()::text, '-', '') AS token
        FROM consent.envelope e
        WHERE e.envelope_id = ANY (ids) AND e.state = 'claimed' AND e.taken_at IS NULL AND e.lease_until > v_now
        FOR UPDATE
    ), taken AS (
        UPDATE consent.envelope e SET taken_at = v_now, token_sha256 = sha256(convert_to(
            CASE e.channel WHEN 'sms' THEN encode(sha256(convert_to(f.token, 'UTF8')), 'hex') ELSE f.token END, 'UTF8'))
        FROM fresh f WHERE e.envelope_id = f.envelope_id AND e.state = 'claimed' AND e.taken_at IS NULL
        RETURNING e.*, f.token)
    SELECT t.envelope_id, t.kind, t.class, t.origin, t.channel, t.language, t.school_id, s.names, s.country, s.time_zone,
           t.sender_id, sn.display_name, sn.address, t.subject_id, t.params, t.params_sealed, t.contact_id, c.sealed,
           t.campaign_id, t.content_sha256, t.token, (i.made_at AT TIME ZONE s.time_zone)::date, d.decided_at, t.attempts
    FROM taken t
    JOIN consent.school s ON s.school_id = t.school_id
    JOIN consent.sender sn ON sn.sender_id = t.sender_id
    JOIN consent.contact c ON c.school_id = t.school_id AND c.contact_id = t.contact_id AND c.version = t.contact_version
    JOIN consent.decision d ON d.envelope_id = t.envelope_id AND d.attempt = t.attempts
    LEFT JOIN consent.instruction i ON i.instruction_id = t.instruction_id;
END $$;

-- Ends one claimed message, or queues it again. Marketing is never tried twice; parameters go when the message ends.
CREATE FUNCTION consent.finish(p_envelope uuid, p_outcome text, p_provider_id text, p_detail text, p_now timestamptz)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    v_envelope consent.envelope;
    v_outcome  text := p_outcome;
    v_hash     bytea;
BEGIN
    SELECT * INTO v_envelope FROM consent.envelope WHERE envelope_id = p_envelope FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such message.';
    ELSIF v_envelope.state <> 'claimed' THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = format('This message is %s, not claimed.', v_envelope.state);
    END IF;
    IF v_outcome IN ('retry', 'unknown') AND v_envelope.campaign_id IS NULL AND v_envelope.class <> 'vendor_marketing'
       AND v_envelope.attempts < 8 THEN
        -- 15 s, 30 s, 1 min … at most 32 min apart
        UPDATE consent.envelope SET state = 'queued', lease_until = NULL, taken_at = NULL, detail = p_detail,
            next_look_at = p_now + interval '15 seconds' * power(2, v_envelope.attempts - 1)
        WHERE envelope_id = p_envelope;
        v_outcome := 'retry';
    ELSE
        v_outcome := CASE v_outcome WHEN 'retry' THEN 'failed' ELSE v_outcome END;
        UPDATE consent.envelope SET state = v_outcome, lease_until = NULL, ended_at = p_now, params = NULL,
            provider_id = left(p_provider_id, 200), detail = left(p_detail, 500)
        WHERE envelope_id = p_envelope;
    END IF;
    INSERT INTO consent.outcome (school_id, envelope_id, attempt, outcome, made_at)
    VALUES (v_envelope.school_id, p_envelope, v_envelope.attempts, v_outcome, p_now);
    IF v_outcome = 'bounced' THEN
        SELECT address_hash INTO v_hash FROM consent.contact
        WHERE school_id = v_envelope.school_id AND contact_id = v_envelope.contact_id AND version = v_envelope.contact_version;
        IF FOUND THEN
            PERFORM consent.lock_school(v_envelope.school_id);
            -- the time after the lock: leaves of the stream authority stand in the order of their times
            PERFORM consent.suppress_address(v_envelope.school_id, v_envelope.channel, v_hash, 'bounce', consent.now());
        END IF;
    END IF;
    RETURN v_outcome;
END $$;

-- outcome: sent | retry | failed | bounced. Returns what became of it (a retry that is not allowed ends as failed).
CREATE FUNCTION consent.complete(envelope_id uuid, outcome text, provider_id text DEFAULT NULL, detail text DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    PERFORM consent.require(outcome IN ('sent', 'retry', 'failed', 'bounced'), 'An outcome is sent, retry, failed or bounced.');
    RETURN consent.finish(envelope_id, outcome, provider_id, detail, consent.now());
END $$;

-- What a provider reports later about a message: a late bounce, a complaint, a STOP.
CREATE FUNCTION consent.report_feedback(envelope_id uuid, reason text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_envelope consent.envelope;
    v_hash     bytea;
BEGIN
    PERFORM consent.require(reason IN ('complaint', 'stop', 'bounce'), 'A report is a complaint, a stop or a bounce.');
    SELECT * INTO v_envelope FROM consent.envelope e WHERE e.envelope_id = envelope_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such message.';
    END IF;
    SELECT address_hash INTO v_hash FROM consent.contact c
    WHERE c.school_id = v_envelope.school_id AND c.contact_id = v_envelope.contact_id;
    IF v_hash IS NOT NULL THEN
        PERFORM consent.lock_school(v_envelope.school_id);
        PERFORM consent.suppress_address(v_envelope.school_id, v_envelope.channel, v_hash, reason, consent.now());
    END IF;
END $$;
