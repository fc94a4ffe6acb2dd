-- What the school's own pages show: one person's messages and their reasons, what an offer would do, what happened day by day.

-- What was addressed to one person, newest first; page on with the last envelope_id as `before`.
CREATE FUNCTION consent.envelopes_of(subject uuid, "limit" int DEFAULT 50, before uuid DEFAULT NULL)
RETURNS TABLE (envelope_id uuid, kind text, class text, origin text, channel text, language text, sender_id text, sender_name text,
               campaign_id uuid, state text, code text, created_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT e.envelope_id, e.kind, e.class, e.origin, e.channel, e.language, e.sender_id, s.display_name, e.campaign_id, e.state,
           e.code, e.created_at, e.ended_at
    FROM consent.envelope e LEFT JOIN consent.sender s ON s.sender_id = e.sender_id
    WHERE e.school_id = (SELECT (consent.current_school()).school_id) AND e.subject_id = envelopes_of.subject
      AND (envelopes_of.before IS NULL OR e.envelope_id < envelopes_of.before)
    ORDER BY e.envelope_id DESC LIMIT least(greatest(envelopes_of."limit", 0), 1000)
$$;

-- Why a message came: who asked, who allowed it, what was checked. No name, no address, no text.
CREATE FUNCTION consent.explanation(p_envelope consent.envelope) RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_receipt jsonb := consent.receipt(p_envelope.school_id, p_envelope.envelope_id);
    v_leaf    jsonb := v_receipt -> 'leaf';
BEGIN
    RETURN jsonb_build_object(
        'envelope_id', p_envelope.envelope_id, 'kind', p_envelope.kind, 'class', p_envelope.class, 'origin', p_envelope.origin,
        'channel', p_envelope.channel, 'language', p_envelope.language, 'state', p_envelope.state,
        'school', (SELECT jsonb_build_object('id', s.school_id, 'names', s.names, 'country', s.country, 'time_zone', s.time_zone)
                   FROM consent.school s WHERE s.school_id = p_envelope.school_id),
        'sender', (SELECT jsonb_build_object('id', s.sender_id, 'name', s.display_name, 'address', s.address)
                   FROM consent.sender s WHERE s.sender_id = p_envelope.sender_id),
        'campaign', (SELECT jsonb_build_object('id', c.campaign_id, 'purpose', c.purpose, 'product', c.product)
                     FROM consent.campaign c WHERE c.campaign_id = p_envelope.campaign_id),
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
                                WHERE c.campaign_id = p_envelope.campaign_id AND v.school_id = p_envelope.school_id
                                  AND v.subject_id = p_envelope.subject_id AND v.channel = p_envelope.channel
                                ORDER BY v.number DESC LIMIT 1),
                    'objected', EXISTS (SELECT FROM consent.suppression s WHERE s.school_id = p_envelope.school_id
                                        AND s.subject_id = p_envelope.subject_id AND s.reason = 'objection'))),
        'receipt', v_receipt);
END $$;

-- The same answer as by the token, and whose message it is: the page shows it to that person only.
CREATE FUNCTION consent.explain(envelope_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_school   consent.school := consent.current_school();
    v_envelope consent.envelope;
BEGIN
    SELECT * INTO v_envelope FROM consent.envelope e WHERE e.envelope_id = envelope_id AND e.school_id = v_school.school_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such message at this school.';
    END IF;
    RETURN consent.explanation(v_envelope)
        || jsonb_build_object('subject', v_envelope.subject_id, 'code', v_envelope.code, 'created_at', v_envelope.created_at,
                              'ended_at', v_envelope.ended_at);
END $$;

-- What an offer would do today, by channel: rules 10 to 13 over the whole school at once, to the guardian. The claim decides
-- again, one by one.
CREATE FUNCTION consent.forecast(campaign_id uuid)
RETURNS TABLE (channel text, guardians bigint, with_contact bigint, said_yes bigint, said_no bigint, suppressed bigint,
               would_receive bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    WITH asked AS MATERIALIZED (
        SELECT c.purpose, ch.channel, ch.n, t.school_id, consent.now() AS at
        FROM consent.current_school() me
        JOIN consent.campaign_target t ON t.school_id = me.school_id
        JOIN consent.campaign c ON c.campaign_id = t.campaign_id
        CROSS JOIN LATERAL unnest(c.channels) WITH ORDINALITY AS ch (channel, n)
        WHERE t.campaign_id = forecast.campaign_id
    ), guardian AS MATERIALIZED (
        SELECT s.subject_id FROM consent.subject s
        WHERE s.school_id = (SELECT a.school_id FROM asked a LIMIT 1) AND s.is_active AND s.is_adult
          AND 'guardian' = ANY (s.roles) AND NOT 'pupil' = ANY (s.roles)
    ), reachable AS MATERIALIZED (
        SELECT k.subject_id, k.channel, k.contact_id, k.version, k.address_hash, k.verified_at <= a.at AS is_verified
        FROM asked a JOIN consent.contact k ON k.school_id = a.school_id AND k.channel = a.channel AND k.is_active
    ), latest AS MATERIALIZED (
        SELECT DISTINCT ON (v.subject_id, v.channel) v.*
        FROM asked a JOIN consent.consent_event v ON v.school_id = a.school_id AND v.purpose = a.purpose AND v.channel = a.channel
        ORDER BY v.subject_id, v.channel, v.number DESC
    ), objector AS MATERIALIZED (
        SELECT s.subject_id, a.channel FROM asked a
        JOIN consent.suppression s ON s.school_id = a.school_id AND (s.channel IS NULL OR s.channel = a.channel)
        WHERE s.subject_id IS NOT NULL
        UNION
        SELECT r.subject_id, r.channel FROM reachable r
        JOIN consent.suppression s ON s.address_hash = r.address_hash
         AND (s.reason = 'objection' OR (s.school_id = (SELECT a.school_id FROM asked a LIMIT 1) AND s.channel = r.channel))
    ), judged AS (
        SELECT a.channel, a.n, g.subject_id, v.act IN ('refuse', 'withdraw') AS said_no,
               coalesce(v.act = 'give' AND v.expires_at > a.at AND v.actor = v.subject_id
                        AND v.capture = ANY (consent.own_captures()) AND v.instruction_id IS NOT NULL
                        AND n.purpose = v.purpose AND (n.superseded_at IS NULL OR n.superseded_at > a.at), false) AS said_yes,
               EXISTS (SELECT FROM reachable r WHERE r.subject_id = g.subject_id AND r.channel = a.channel
                       AND r.is_verified) AS with_contact,
               EXISTS (SELECT FROM reachable r WHERE r.subject_id = g.subject_id AND r.channel = a.channel AND r.is_verified
                       AND r.contact_id = v.contact_id AND r.version = v.contact_version) AS with_named_contact,
               EXISTS (SELECT FROM objector o WHERE o.subject_id = g.subject_id AND o.channel = a.channel) AS suppressed
        FROM asked a
        CROSS JOIN guardian g
        LEFT JOIN latest v ON v.subject_id = g.subject_id AND v.channel = a.channel
        LEFT JOIN consent.notice n ON n.notice_id = v.notice_id
    )
    SELECT a.channel, count(j.subject_id), count(*) FILTER (WHERE j.with_contact), count(*) FILTER (WHERE j.said_yes),
           count(*) FILTER (WHERE j.said_no), count(*) FILTER (WHERE j.suppressed),
           count(*) FILTER (WHERE j.said_yes AND j.with_named_contact AND NOT j.suppressed)
    FROM asked a LEFT JOIN judged j ON j.channel = a.channel
    GROUP BY a.channel, a.n ORDER BY a.n
$$;

-- The smallest id that a message of this moment can have: ids carry their moment (RFC 9562, version 7).
CREATE FUNCTION consent.id_at(p_at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN (lpad(to_hex(least(greatest(floor(extract(epoch FROM p_at) * 1000), 0), 281474976710655)::bigint), 12, '0')
        || repeat('0', 20))::uuid;

-- Messages of some days at the school, by the school's own clock. An id is made within the transaction that writes it, so a
-- day on either side is more than enough to find them by the index.
CREATE FUNCTION consent.envelopes_between(p_school uuid, p_zone text, p_from date, p_to date, p_origin text, p_to_guardians boolean)
RETURNS TABLE (day date, origin text, kind text, campaign_id uuid, channel text, state text, code text, created_at timestamptz,
               ended_at timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT (e.created_at AT TIME ZONE p_zone)::date, e.origin, e.kind, e.campaign_id, e.channel, e.state, e.code, e.created_at,
           e.ended_at
    FROM consent.envelope e
    LEFT JOIN consent.subject s ON s.school_id = e.school_id AND s.subject_id = e.subject_id
    WHERE e.school_id = p_school
      AND e.envelope_id >= consent.id_at((p_from - 1)::timestamp AT TIME ZONE p_zone)
      AND e.envelope_id < consent.id_at((p_to + 2)::timestamp AT TIME ZONE p_zone)
      AND e.created_at >= p_from::timestamp AT TIME ZONE p_zone
      AND e.created_at < (p_to + 1)::timestamp AT TIME ZONE p_zone
      AND (p_origin IS NULL OR e.origin = p_origin)
      -- who was forgotten was most likely a guardian; nothing may vanish from this list
      AND (NOT p_to_guardians OR s.subject_id IS NULL OR 'guardian' = ANY (s.roles))
$$;

-- Everything that reached or tried to reach people, and what the vendor asked for, newest day first. A request stands there
-- as kind 'proposal' with the first verdict as its state. `total` counts the rows of all pages.
CREATE FUNCTION consent.timeline(from_day date, to_day date, origin text DEFAULT NULL, to_guardians boolean DEFAULT true,
                                 "limit" int DEFAULT 100, "offset" int DEFAULT 0)
RETURNS TABLE (day date, origin text, kind text, campaign_id uuid, product text, channel text, state text, code text,
               messages bigint, first_at timestamptz, last_at timestamptz, total bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    WITH me AS MATERIALIZED (SELECT * FROM consent.current_school()),
    entry AS (
        SELECT e.day, e.origin, e.kind, e.campaign_id, e.channel, e.state, e.code, count(*) AS messages,
               min(e.created_at) AS first_at, max(coalesce(e.ended_at, e.created_at)) AS last_at
        FROM me CROSS JOIN LATERAL consent.envelopes_between(me.school_id, me.time_zone, timeline.from_day, timeline.to_day,
                                                             timeline.origin, timeline.to_guardians) e
        GROUP BY e.day, e.origin, e.kind, e.campaign_id, e.channel, e.state, e.code
        UNION ALL
        SELECT (c.proposed_at AT TIME ZONE me.time_zone)::date, 'vendor', 'proposal', c.campaign_id,
               array_to_string(c.channels, ','), t.first_verdict, t.first_code, 1, c.proposed_at, c.proposed_at
        FROM me JOIN consent.campaign_target t ON t.school_id = me.school_id
        JOIN consent.campaign c ON c.campaign_id = t.campaign_id
        WHERE c.proposed_at >= timeline.from_day::timestamp AT TIME ZONE me.time_zone
          AND c.proposed_at < (timeline.to_day + 1)::timestamp AT TIME ZONE me.time_zone
          AND (timeline.origin IS NULL OR timeline.origin = 'vendor')
    )
    SELECT r.day, r.origin, r.kind, r.campaign_id, c.product, r.channel, r.state, r.code, r.messages, r.first_at, r.last_at,
           count(*) OVER ()
    FROM entry r LEFT JOIN consent.campaign c ON c.campaign_id = r.campaign_id
    ORDER BY r.day DESC, r.last_at DESC, r.origin, r.kind, r.channel, r.state, r.code, r.campaign_id
    LIMIT least(greatest(timeline."limit", 0), 1000) OFFSET greatest(timeline."offset", 0)
$$;

-- Messages a day and origin: what was sent, what was refused or called off, all together.
CREATE FUNCTION consent.timeline_days(from_day date, to_day date, origin text DEFAULT NULL, to_guardians boolean DEFAULT true)
RETURNS TABLE (day date, origin text, messages bigint, sent bigint, refused bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT e.day, e.origin, count(*), count(*) FILTER (WHERE e.state = 'sent'),
           count(*) FILTER (WHERE e.state IN ('denied', 'suppressed', 'cancelled', 'expired'))
    FROM consent.current_school() me
    CROSS JOIN LATERAL consent.envelopes_between(me.school_id, me.time_zone, timeline_days.from_day, timeline_days.to_day,
                                                 timeline_days.origin, timeline_days.to_guardians) e
    GROUP BY e.day, e.origin ORDER BY e.day, e.origin
$$;

-- What closes a person to offers: said by the person, or hanging on one of the person's present addresses. Without a channel
-- it closes all of them.
CREATE FUNCTION consent.suppressions_of(subject uuid)
RETURNS TABLE (reason text, channel text, made_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    WITH me AS MATERIALIZED (SELECT school_id FROM consent.current_school())
    SELECT s.reason, s.channel, s.made_at FROM me
    JOIN consent.suppression s ON s.school_id = me.school_id AND s.subject_id = suppressions_of.subject
    UNION
    SELECT s.reason, k.channel, s.made_at FROM me
    JOIN consent.contact k ON k.school_id = me.school_id AND k.subject_id = suppressions_of.subject AND k.is_active
    JOIN consent.suppression s ON s.address_hash = k.address_hash
     AND (s.reason = 'objection' OR (s.school_id = me.school_id AND s.channel = k.channel))
    ORDER BY 3, 1, 2
$$;
