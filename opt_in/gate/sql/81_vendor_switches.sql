-- What is switched off now, and what the vendor has asked for that the keeper has not got to yet.

-- A row of scope `stop` is a campaign whose stop for good still waits; it is on its way and never switched back.
CREATE FUNCTION consent.kill_switches()
RETURNS TABLE (scope text, key text, is_on boolean, changed_at timestamptz, asked_on boolean, asked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    WITH asked AS (
        SELECT DISTINCT ON (a.scope, a.key) a.scope, a.key, a.is_on, a.made_at FROM (
            SELECT CASE r.act WHEN 'stop' THEN 'stop' ELSE r.body ->> 'scope' END AS scope,
                   CASE r.act WHEN 'stop' THEN r.campaign_id::text ELSE r.body ->> 'key' END AS key,
                   r.act = 'stop' OR (r.body ->> 'on')::boolean AS is_on, r.made_at, r.request_id
            FROM consent.request r WHERE r.handled_at IS NULL AND r.act IN ('stop', 'kill_switch')) a
        ORDER BY a.scope, a.key, a.request_id DESC)
    SELECT scope, key, coalesce(k.is_on, false), k.changed_at, a.is_on, a.made_at
    FROM consent.kill_switch k FULL JOIN asked a USING (scope, key) ORDER BY scope, key
$$;
