-- The keeper takes requests out of the vendor's inbox. It never crashes on one: what is malformed is refused with a reason.

-- A mail of the platform to each officer of a school who has a verified address. It carries parameters only.
CREATE FUNCTION consent.tell_officers(p_school uuid, p_kind text, p_roles text[], p_params jsonb, p_dedupe text, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_kind   consent.kind;
    v_params bytea := convert_to(consent.jcs(p_params), 'UTF8');
    v_told   bigint := 0;
    v_person record;
BEGIN
    SELECT * INTO v_kind FROM consent.kind WHERE kind = p_kind;
    FOR v_person IN
        SELECT s.subject_id, s.language, c.contact_id FROM consent.subject s
        CROSS JOIN LATERAL (SELECT contact_id FROM consent.contact c
                            WHERE c.school_id = p_school AND c.subject_id = s.subject_id AND c.channel = 'email'
                              AND c.is_active AND c.verified_at <= p_now ORDER BY c.verified_at LIMIT 1) c
        WHERE s.school_id = p_school AND s.is_active AND s.roles && ARRAY['director', 'council_chair'] AND s.roles && p_roles
        ORDER BY s.subject_id
    LOOP
        PERFORM consent.put_envelope(p_school, v_kind, v_person.subject_id, v_person.language, 'email', v_person.contact_id, v_params,
                                     false, sha256(v_params), p_dedupe || ':' || v_person.subject_id, NULL, NULL, p_now);
        v_told := v_told + 1;
    END LOOP;
    RETURN v_told;
END $$;

CREATE FUNCTION consent.check_texts(p_texts jsonb, p_channels text[]) RETURNS void LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_channel text;
    v_lang    text;
    v_text    jsonb;
BEGIN
    PERFORM consent.require(jsonb_typeof(p_texts) = 'object', 'texts must be an object: channel → language → subject and body.');
    FOREACH v_channel IN ARRAY p_channels LOOP
        PERFORM consent.require(jsonb_typeof(p_texts -> v_channel) = 'object' AND p_texts -> v_channel <> '{}',
                                format('texts.%s must hold at least one language.', v_channel));
        FOR v_lang, v_text IN SELECT key, value FROM jsonb_each(p_texts -> v_channel) LOOP
            PERFORM consent.require(v_lang ~ '^[a-z]{2}$', 'A language is a code of two small letters.');
            PERFORM consent.require(jsonb_typeof(v_text) = 'object' AND jsonb_typeof(v_text -> 'body') = 'string'
                                    AND length(v_text ->> 'body') BETWEEN 1 AND 100000,
                                    format('texts.%s.%s needs a body.', v_channel, v_lang));
            PERFORM consent.require(CASE WHEN v_text ? 'subject' THEN jsonb_typeof(v_text -> 'subject') = 'string'
                                                                      AND length(v_text ->> 'subject') BETWEEN 1 AND 300
                                         ELSE v_channel <> 'email' END,
                                    format('texts.%s.%s needs a subject of at most 300 letters.', v_channel, v_lang));
            PERFORM consent.require(v_text - 'body' - 'subject' = '{}', 'A text has a subject and a body and nothing else.');
        END LOOP;
    END LOOP;
END $$;

CREATE FUNCTION consent.strings(p_array jsonb) RETURNS text[] LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    PERFORM consent.require(jsonb_typeof(p_array) = 'array', 'A list was expected.');
    RETURN ARRAY(SELECT jsonb_array_elements_text(p_array));
END $$;

-- The campaign of a proposal, with its immutable text.
CREATE FUNCTION consent.make_campaign(p_request consent.request, p_now timestamptz) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_body      jsonb := p_request.body;
    v_channels  text[] := consent.strings(v_body -> 'channels');
    v_sender    consent.sender;
    v_starts    timestamptz := v_body ->> 'not_before';
    v_expires   timestamptz := v_body ->> 'expires_at';
    v_texts     jsonb := v_body -> 'texts';
    v_canonical bytea;
    v_surface   text;
BEGIN
    PERFORM consent.require(v_body ->> 'purpose' = 'vendor_offers', 'Unknown purpose; the only one is vendor_offers.');
    PERFORM consent.require(v_body ->> 'product' ~ '^[a-z0-9._-]{1,60}$', 'A product is named by a-z, 0-9, dot, dash.');
    PERFORM consent.require(v_body ->> 'sender' ~ '^[a-z0-9:._-]{1,80}$', 'The sender is the id of a registered sender.');
    PERFORM consent.require(v_body ->> 'audience' = 'guardians', 'The only audience is guardians.');
    PERFORM consent.require(cardinality(v_channels) > 0 AND v_channels <@ ARRAY['email', 'sms', 'in_app', 'push'],
                            'Name at least one known channel.');
    PERFORM consent.require((SELECT count(*) = count(DISTINCT channel) FROM unnest(v_channels) AS channel),
                            'Name each channel once in the list.');
    -- PostgreSQL knows moments that no calendar has, such as infinity; what reads them here does not
    PERFORM consent.require(v_expires > p_now AND v_expires < p_now + interval '2 years', 'expires_at must lie ahead, within two years.');
    PERFORM consent.require(v_starts IS NULL OR abs(extract(epoch FROM v_starts - p_now)) < 2 * 366 * 86400,
                            'not_before must lie within two years of today.');
    PERFORM consent.check_texts(v_texts, v_channels);
    PERFORM consent.require(jsonb_typeof(v_body -> 'targets') = 'object' AND jsonb_typeof(v_body #> '{targets,countries}') = 'array',
                            'targets must name countries, and may name schools.');
    SELECT * INTO v_sender FROM consent.sender WHERE sender_id = v_body ->> 'sender';
    v_texts := (SELECT jsonb_object_agg(channel, v_texts -> channel) FROM unnest(v_channels) AS channel);
    v_canonical := convert_to(consent.jcs(jsonb_build_object(
        'purpose', v_body -> 'purpose', 'product', v_body -> 'product', 'texts', v_texts,
        'sender', jsonb_build_object('id', v_body -> 'sender', 'name', v_sender.display_name, 'address', v_sender.address))), 'UTF8');
    -- Where a reader looks for who is writing: the sender, the subject, the first and the closing lines. A short message is
    -- one such place from end to end; in a long one folding, which drops spaces, would find short names across words.
    SELECT string_agg(part, ' ') INTO v_surface FROM (
        SELECT consent.fold_text(unnest(ARRAY[v_sender.display_name, v_sender.address])) AS part
        UNION ALL
        SELECT consent.fold_text(text ->> 'subject')
        FROM jsonb_each(v_texts) AS c (channel, languages), jsonb_each(c.languages) AS l (language, text)
        UNION ALL
        SELECT unnest(CASE channel WHEN 'email' THEN ARRAY[left(folded, 300), right(folded, 300)] ELSE ARRAY[folded] END)
        FROM jsonb_each(v_texts) AS c (channel, languages), jsonb_each(c.languages) AS l (language, text),
             LATERAL consent.fold_text(text ->> 'body') AS folded) parts;
    INSERT INTO consent.campaign (campaign_id, sender_id, purpose, product, channels, audience, not_before, expires_at, targets, proposed_at)
    VALUES (p_request.campaign_id, v_body ->> 'sender', v_body ->> 'purpose', v_body ->> 'product', v_channels,
            v_body ->> 'audience', v_starts, v_expires, v_body -> 'targets', p_request.made_at);
    INSERT INTO consent.campaign_text (campaign_id, canonical, content_sha256, surface)
    VALUES (p_request.campaign_id, v_canonical, sha256(v_canonical), coalesce(v_surface, ''));
END $$;

-- One verdict and one leaf for every school that was asked for, also where it is refused at once.
CREATE FUNCTION consent.judge_targets(p_campaign uuid, p_countries text[], p_schools uuid[], p_now timestamptz)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school  consent.school;
    v_verdict record;
    v_facts   jsonb;
BEGIN
    SELECT jsonb_build_object(
        'campaign', p_campaign, 'content', encode(t.content_sha256, 'hex'), 'sender', c.sender_id, 'purpose', c.purpose,
        'product', c.product, 'channels', c.channels, 'audience', c.audience, 'not_before', consent.iso(c.not_before),
        'expires_at', consent.iso(c.expires_at), 'policy', consent.policy_version(),
        'stopped', EXISTS (SELECT FROM consent.kill_switch WHERE is_on AND scope = 'campaign' AND key = p_campaign::text))
    INTO v_facts
    FROM consent.campaign c JOIN consent.campaign_text t USING (campaign_id) WHERE c.campaign_id = p_campaign;
    FOR v_school IN
        SELECT * FROM consent.school s
        WHERE s.role_name IS NOT NULL AND s.stage <> 'closed' AND s.country = ANY (p_countries)
          AND (p_schools IS NULL OR s.school_id = ANY (p_schools))
        ORDER BY s.school_id
    LOOP
        PERFORM consent.lock_school(v_school.school_id, 'vendor');
        SELECT * INTO v_verdict FROM consent.judge_school(v_school.school_id, p_campaign, p_now);
        INSERT INTO consent.campaign_target (campaign_id, school_id, verdict, code, codes, judged_at, first_verdict, first_code)
        VALUES (p_campaign, v_school.school_id, v_verdict.verdict, v_verdict.code, v_verdict.codes, p_now,
                v_verdict.verdict, v_verdict.code);
        PERFORM consent.append_leaf(v_school.school_id, 'vendor', 'propose', p_now, v_facts || jsonb_build_object(
            'verdict', v_verdict.verdict, 'code', v_verdict.code, 'codes', v_verdict.codes));
        PERFORM consent.tell_officers(v_school.school_id, 'campaign.proposed', ARRAY['director'], (
            SELECT jsonb_build_object('campaign_id', c.campaign_id, 'product', c.product, 'channels', c.channels,
                                      'verdict', v_verdict.verdict, 'code', v_verdict.code)
            FROM consent.campaign c WHERE c.campaign_id = p_campaign), p_campaign::text, p_now);
    END LOOP;
END $$;

CREATE FUNCTION consent.handle_request(p_request consent.request, p_now timestamptz) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_countries text[];
    v_schools   uuid[];
    v_target    record;
BEGIN
    CASE p_request.act
    WHEN 'propose' THEN
        PERFORM consent.require(NOT EXISTS (SELECT FROM consent.campaign WHERE campaign_id = p_request.campaign_id),
                                'This campaign exists already; a change needs a new campaign.');
        PERFORM consent.make_campaign(p_request, p_now);
        v_countries := consent.strings(p_request.body #> '{targets,countries}');
        PERFORM consent.require(coalesce(jsonb_typeof(p_request.body #> '{targets,schools}'), 'null') IN ('array', 'null'),
                                'targets.schools is a list of schools, or null for all.');
        IF jsonb_typeof(p_request.body #> '{targets,schools}') = 'array' THEN
            v_schools := consent.strings(p_request.body #> '{targets,schools}')::uuid[];
        END IF;
        PERFORM consent.judge_targets(p_request.campaign_id, v_countries, v_schools, p_now);
    WHEN 'stop' THEN
        UPDATE consent.campaign SET stopped_at = p_now WHERE campaign_id = p_request.campaign_id AND stopped_at IS NULL;
        PERFORM consent.require(FOUND, 'There is no such running campaign.');
        FOR v_target IN SELECT school_id FROM consent.campaign_target WHERE campaign_id = p_request.campaign_id ORDER BY 1 LOOP
            PERFORM consent.lock_school(v_target.school_id, 'vendor');
            PERFORM consent.append_leaf(v_target.school_id, 'vendor', 'stop', p_now,
                                        jsonb_build_object('campaign', p_request.campaign_id));
        END LOOP;
    WHEN 'kill_switch' THEN
        INSERT INTO consent.kill_switch (scope, key, is_on, changed_at)
        VALUES (p_request.body ->> 'scope', p_request.body ->> 'key', (p_request.body ->> 'on')::boolean, p_now)
        ON CONFLICT (scope, key) DO UPDATE SET is_on = excluded.is_on, changed_at = excluded.changed_at;
        -- A leaf wherever it changes what is decided: a campaign's at its schools only, for nobody else knows of it.
        FOR v_target IN
            SELECT s.school_id FROM consent.school s
            WHERE s.role_name IS NOT NULL AND s.stage <> 'closed'
              AND (p_request.body ->> 'scope' <> 'campaign' OR EXISTS (
                    SELECT FROM consent.campaign_target t
                    WHERE t.school_id = s.school_id AND t.campaign_id = (p_request.body ->> 'key')::uuid))
            ORDER BY 1
        LOOP
            PERFORM consent.lock_school(v_target.school_id, 'vendor');
            PERFORM consent.append_leaf(v_target.school_id, 'vendor', 'kill_switch', p_now, jsonb_build_object(
                'scope', p_request.body -> 'scope', 'key', p_request.body -> 'key', 'on', p_request.body -> 'on'));
        END LOOP;
    END CASE;
END $$;

CREATE FUNCTION consent.judge(max int) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_request consent.request;
    v_handled bigint := 0;
    v_now     timestamptz;
BEGIN
    FOR v_request IN
        SELECT * FROM consent.request WHERE handled_at IS NULL ORDER BY request_id LIMIT max FOR UPDATE SKIP LOCKED
    LOOP
        v_now := consent.now();
        BEGIN
            PERFORM consent.handle_request(v_request, v_now);
            UPDATE consent.request SET handled_at = v_now, outcome = 'done' WHERE request_id = v_request.request_id;
        EXCEPTION
            -- what the vendor wrote does not fit: bad input, bad data, a broken constraint, lists nested beyond any measure
            WHEN SQLSTATE 'ZG002' OR data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
                UPDATE consent.request SET handled_at = v_now, outcome = 'refused', reason = SQLERRM
                WHERE request_id = v_request.request_id;
        END;
        v_handled := v_handled + 1;
    END LOOP;
    RETURN v_handled;
END $$;
