-- What a school may read: all that concerns it, and nothing of another school.

-- The verdict is today's; the first one is what the keeper found when the vendor asked.
CREATE FUNCTION consent.proposals()
RETURNS TABLE (campaign_id uuid, sender_id text, sender_name text, purpose text, product text, channels text[], audience text,
               not_before timestamptz, expires_at timestamptz, proposed_at timestamptz, stopped_at timestamptz,
               content_sha256 bytea, verdict text, code text, codes text[], judged_at timestamptz, first_verdict text,
               first_code text, expanded_at timestamptz, queued bigint, suppressed bigint, approval text, approved_sha256 bytea,
               approval_reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT c.campaign_id, c.sender_id, s.display_name, c.purpose, c.product, c.channels, c.audience, c.not_before, c.expires_at,
           c.proposed_at, c.stopped_at, x.content_sha256, v.verdict, v.code, v.codes, t.judged_at, t.first_verdict, t.first_code,
           t.expanded_at, t.queued, t.suppressed, a.outcome, a.content_sha256, a.reason
    FROM consent.current_school() me
    JOIN consent.campaign_target t ON t.school_id = me.school_id
    JOIN consent.campaign c ON c.campaign_id = t.campaign_id
    JOIN consent.campaign_text x ON x.campaign_id = c.campaign_id
    CROSS JOIN LATERAL consent.judge_school(me.school_id, c.campaign_id, consent.now()) v
    LEFT JOIN consent.sender s ON s.sender_id = c.sender_id
    LEFT JOIN LATERAL (SELECT * FROM consent.approval a WHERE a.school_id = me.school_id AND a.campaign_id = c.campaign_id
                       ORDER BY a.approval_id DESC LIMIT 1) a ON true
    ORDER BY c.proposed_at DESC, c.campaign_id
$$;

-- Canonical bytes; their SHA-256 is what the director approves.
CREATE FUNCTION consent.campaign_content(campaign_id uuid) RETURNS bytea LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_content bytea;
BEGIN
    -- The dispatcher reads what it is about to send; a school what was proposed to it.
    IF session_user <> 'app_dispatch' OR current_setting('role') <> 'none' THEN
        PERFORM FROM consent.campaign_target t
        WHERE t.campaign_id = campaign_id AND t.school_id = (consent.current_school()).school_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'No such campaign was proposed to this school.';
        END IF;
    END IF;
    SELECT canonical INTO v_content FROM consent.campaign_text t WHERE t.campaign_id = campaign_id;
    IF v_content IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such campaign.';
    END IF;
    RETURN v_content;
END $$;

CREATE FUNCTION consent.instructions()
RETURNS TABLE (instruction_id uuid, actor uuid, purposes text[], products text[], channels text[], audience text,
               valid_from timestamptz, valid_to timestamptz, made_at timestamptz, revoked_at timestamptz, revoked_by uuid,
               revoke_reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT i.instruction_id, i.actor, i.purposes, i.products, i.channels, i.audience, i.valid_from, i.valid_to, i.made_at,
           i.revoked_at, i.revoked_by, i.revoke_reason
    FROM consent.current_school() me JOIN consent.instruction i ON i.school_id = me.school_id
    ORDER BY i.made_at DESC, i.instruction_id
$$;

CREATE FUNCTION consent.resolutions()
RETURNS TABLE (resolution_id uuid, outcome text, decided_on date, votes_for int, votes_against int, votes_abstained int,
               purposes text[], products text[], minutes_sha256 bytea, recorded_by uuid, recorded_at timestamptz,
               confirmed_by uuid, confirmed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT r.resolution_id, r.outcome, r.decided_on, r.votes_for, r.votes_against, r.votes_abstained, r.purposes, r.products,
           r.minutes_sha256, r.recorded_by, r.recorded_at, r.confirmed_by, r.confirmed_at
    FROM consent.current_school() me JOIN consent.resolution r ON r.school_id = me.school_id
    ORDER BY r.decided_on DESC, r.number DESC
$$;

-- The history of one person, oldest first: the last event of each purpose and channel is the one that counts.
CREATE FUNCTION consent.consents_of(subject uuid)
RETURNS TABLE (event_id uuid, purpose text, channel text, act text, actor uuid, capture text, contact_id uuid,
               contact_version int, notice_id uuid, instruction_id uuid, made_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT v.event_id, v.purpose, v.channel, v.act, v.actor, v.capture, v.contact_id, v.contact_version, v.notice_id,
           v.instruction_id, v.made_at, v.expires_at
    FROM consent.current_school() me
    JOIN consent.consent_event v ON v.school_id = me.school_id AND v.subject_id = consents_of.subject
    ORDER BY v.number
$$;

CREATE FUNCTION consent.notices()
RETURNS TABLE (notice_id uuid, purpose text, language text, version int, body text, approved_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT n.notice_id, n.purpose, n.language, n.version, n.body, n.approved_at FROM consent.notice n
    WHERE n.superseded_at IS NULL OR n.superseded_at > consent.now()
    ORDER BY n.purpose, n.language, n.version DESC
$$;

-- Newest first; page on with the last envelope_id as `before`.
CREATE FUNCTION consent.envelopes("limit" int DEFAULT 100, before uuid DEFAULT NULL)
RETURNS TABLE (envelope_id uuid, kind text, class text, origin text, channel text, language text, subject_id uuid,
               campaign_id uuid, state text, code text, created_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT e.envelope_id, e.kind, e.class, e.origin, e.channel, e.language, e.subject_id, e.campaign_id, e.state, e.code,
           e.created_at, e.ended_at
    FROM consent.envelope e
    WHERE e.school_id = (SELECT (consent.current_school()).school_id)
      AND (envelopes.before IS NULL OR e.envelope_id < envelopes.before)
    ORDER BY e.envelope_id DESC LIMIT least(greatest(envelopes."limit", 0), 1000)
$$;

-- The receipt of the last decision over one message; null while there is none.
CREATE FUNCTION consent.receipt(p_school uuid, p_envelope uuid) RETURNS jsonb LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN (SELECT jsonb_build_object('format', 'zgoda-receipt/1', 'school', l.school_id, 'stream', l.stream, 'seq', l.seq,
                                  'leaf', l.body::jsonb, 'hash', encode(l.hash, 'hex'))
        FROM consent.decision d
        JOIN consent.leaf l ON l.school_id = d.school_id AND l.stream = 'dispatch' AND l.seq = d.seq
        WHERE d.envelope_id = p_envelope AND d.school_id = p_school
        ORDER BY d.attempt DESC LIMIT 1);

CREATE FUNCTION consent.decision_of(envelope_id uuid) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
RETURN consent.receipt((consent.current_school()).school_id, envelope_id);

CREATE FUNCTION consent.ledger(stream text, from_seq bigint, max int)
RETURNS TABLE (seq bigint, leaf text, hash bytea, chain bytea)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT l.seq, l.body, l.hash, l.chain FROM consent.leaf l
    WHERE l.school_id = (SELECT (consent.current_school()).school_id) AND l.stream = ledger.stream AND l.seq >= ledger.from_seq
    ORDER BY l.seq LIMIT least(greatest(ledger.max, 0), 10000)
$$;

CREATE FUNCTION consent.checkpoints()
RETURNS TABLE (stream text, size bigint, root bytea, made_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT c.stream, c.size, c.root, c.made_at FROM consent.checkpoint c
    WHERE c.school_id = (SELECT (consent.current_school()).school_id) ORDER BY c.made_at, c.stream
$$;

CREATE FUNCTION consent.counts(campaign_id uuid)
RETURNS TABLE (state text, code text, messages bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT e.state, e.code, count(*) FROM consent.envelope e
    WHERE e.school_id = (SELECT (consent.current_school()).school_id) AND e.campaign_id = counts.campaign_id
    GROUP BY e.state, e.code ORDER BY e.state, e.code
$$;
