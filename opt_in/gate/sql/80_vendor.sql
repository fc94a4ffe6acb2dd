-- All that the vendor's own login may do: write into its inbox, read verdicts per school and rounded numbers.
-- Nothing here locks a school, a head of a stream, or a row that another login waits for.

CREATE FUNCTION consent.propose(campaign jsonb) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_id uuid;
BEGIN
    PERFORM consent.require(jsonb_typeof(campaign) = 'object', 'A campaign is an object.');
    PERFORM consent.require(pg_column_size(campaign) < 1000000, 'A campaign is smaller than a megabyte.');
    PERFORM consent.require(campaign ->> 'campaign_id' IS NULL OR pg_input_is_valid(campaign ->> 'campaign_id', 'uuid'),
                            'campaign_id is a UUID.');
    v_id := coalesce((campaign ->> 'campaign_id')::uuid, consent.new_id());
    INSERT INTO consent.request (act, campaign_id, body, made_at) VALUES ('propose', v_id, campaign, consent.now());
    RETURN v_id;
END $$;

CREATE FUNCTION consent.stop_campaign(campaign_id uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_request bigint;
BEGIN
    PERFORM consent.require(campaign_id IS NOT NULL, 'Name the campaign.');
    INSERT INTO consent.request (act, campaign_id, body, made_at) VALUES ('stop', campaign_id, '{}', consent.now())
    RETURNING request_id INTO v_request;
    RETURN v_request;
END $$;

CREATE FUNCTION consent.set_kill_switch(scope text, key text, "on" boolean) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_request bigint;
BEGIN
    PERFORM consent.require(CASE scope WHEN 'platform' THEN coalesce(key, '') = ''
                                       WHEN 'channel' THEN key IN ('email', 'sms', 'in_app', 'push')
                                       WHEN 'campaign' THEN pg_input_is_valid(key, 'uuid') END AND "on" IS NOT NULL,
                            'A kill switch is for the platform, a channel or a campaign, and on or off.');
    INSERT INTO consent.request (act, body, made_at)
    VALUES ('kill_switch', jsonb_build_object('scope', scope, 'key', coalesce(lower(key), ''), 'on', "on"), consent.now())
    RETURNING request_id INTO v_request;
    RETURN v_request;
END $$;

CREATE FUNCTION consent.campaigns()
RETURNS TABLE (campaign_id uuid, body jsonb, made_at timestamptz, handled_at timestamptz, outcome text, reason text, stopped_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT r.campaign_id, r.body, r.made_at, r.handled_at, r.outcome, r.reason, c.stopped_at
    FROM consent.request r LEFT JOIN consent.campaign c USING (campaign_id)
    WHERE r.act = 'propose' ORDER BY r.request_id DESC
$$;

-- Per school, the school as a whole: nothing here depends on a person.
CREATE FUNCTION consent.verdicts(campaign_id uuid)
RETURNS TABLE (school_id uuid, verdict text, code text, judged_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT t.school_id, t.verdict, t.code, t.judged_at FROM consent.campaign_target t
    WHERE t.campaign_id = verdicts.campaign_id ORDER BY t.school_id
$$;

-- A count that rounds to nothing has no row: that there is one would say that it is 1 to 4.
CREATE FUNCTION consent.tallies(campaign_id uuid)
RETURNS TABLE (school_id uuid, state text, code text, messages bigint, made_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT t.school_id, t.state, nullif(t.code, ''), (round(t.messages::numeric, -1))::bigint, t.made_at FROM consent.tally t
    WHERE t.campaign_id = tallies.campaign_id AND t.messages >= 5 ORDER BY t.school_id, t.state, t.code
$$;
