-- Campaigns that a school allows by now and that were not expanded yet: what its worker has to do, kept where it cannot get lost.
-- One that begins later waits until then, so that it reaches whoever says yes meanwhile.

CREATE FUNCTION consent.waiting_at(p_school uuid) RETURNS TABLE (campaign_id uuid) LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT t.campaign_id FROM consent.campaign_target t
    JOIN consent.campaign c ON c.campaign_id = t.campaign_id
    CROSS JOIN LATERAL consent.judge_school(p_school, t.campaign_id, consent.now()) j
    WHERE t.school_id = p_school AND t.expanded_at IS NULL AND c.stopped_at IS NULL
      AND (c.not_before IS NULL OR c.not_before <= consent.now()) AND c.expires_at > consent.now()
      AND j.verdict = 'ALLOW'
    ORDER BY c.proposed_at, t.campaign_id
$$;

CREATE FUNCTION consent.waiting_campaigns() RETURNS TABLE (campaign_id uuid) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT w.campaign_id FROM consent.waiting_at((SELECT (consent.current_school()).school_id)) w
$$;

-- For the worker, which belongs to no school between two jobs: which schools to visit, and nothing about them.
CREATE FUNCTION consent.schools_to_expand() RETURNS TABLE (role_name text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT s.role_name FROM consent.school s
    WHERE s.stage = 'live'
      AND EXISTS (SELECT FROM consent.campaign_target t WHERE t.school_id = s.school_id AND t.expanded_at IS NULL)
      AND EXISTS (SELECT FROM consent.waiting_at(s.school_id))
    ORDER BY s.role_name
$$;

-- How far each stream has come: what an export's header says.
CREATE FUNCTION consent.ledger_heads() RETURNS TABLE (stream text, size bigint, root bytea) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT n.stream, coalesce(l.seq, 0), coalesce(l.chain, decode(repeat('00', 32), 'hex'))
    FROM unnest(ARRAY['authority', 'dispatch', 'vendor']) AS n (stream)
    LEFT JOIN LATERAL (SELECT seq, chain FROM consent.leaf l
                       WHERE l.school_id = (SELECT (consent.current_school()).school_id) AND l.stream = n.stream
                       ORDER BY seq DESC LIMIT 1) l ON true
$$;
