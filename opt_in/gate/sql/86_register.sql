-- The provisioner registers schools and the vendor's senders; witnesses read the ledger.

CREATE FUNCTION consent.fold_names(p_names jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN (SELECT coalesce(array_agg(DISTINCT folded), '{}') FROM jsonb_each_text(p_names) AS n (language, name),
        LATERAL (SELECT consent.fold_text(name) AS folded) f WHERE char_length(folded) >= 4);

-- By trying it: listing pg_timezone_names reads some 600 files, 20 ms of each school's provisioning.
CREATE FUNCTION consent.require_time_zone(p_zone text) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    PERFORM consent.require(p_zone ~ '^[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+$', 'A time zone is named like Europe/Warsaw.');
    PERFORM consent.now() AT TIME ZONE p_zone;
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE EXCEPTION USING ERRCODE = 'ZG002', MESSAGE = 'Unknown time zone.';
END $$;

CREATE FUNCTION consent.register_school(school_id uuid, role_name text, names jsonb, country text, languages text[], time_zone text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    v_now timestamptz := consent.now();
BEGIN
    PERFORM consent.require(role_name = 'school_' || replace(school_id::text, '-', ''), 'A school''s role is named after its id.');
    PERFORM consent.require(EXISTS (SELECT FROM pg_roles WHERE rolname = role_name AND NOT rolcanlogin), 'The school''s role does not exist.');
    PERFORM consent.require_time_zone(time_zone);
    PERFORM consent.require(jsonb_typeof(names) = 'object' AND names <> '{}', 'names maps languages to names.');
    IF EXISTS (SELECT FROM consent.school s WHERE s.school_id = school_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = 'This school is registered already.';
    END IF;
    INSERT INTO consent.school (school_id, role_name, names, folded_names, country, languages, time_zone, stage, registered_at)
    VALUES (school_id, role_name, names, consent.fold_names(names), country, languages, time_zone, 'onboarding', v_now);
    INSERT INTO consent.school_lock (school_id, name) VALUES (school_id, 'school'), (school_id, 'vendor');
    INSERT INTO consent.sender (sender_id, origin, school_id, display_name, address, has_one_click, has_stop_word)
    VALUES ('school:' || school_id, 'school', school_id, (SELECT value FROM jsonb_each_text(names) ORDER BY key = languages[1] DESC, key LIMIT 1),
            'school@zgoda.example', false, false);
    PERFORM consent.lock_school(school_id);
    PERFORM consent.record_act(school_id, 'register', v_now, jsonb_build_object(
        'country', country, 'stage', 'onboarding', 'time_zone', time_zone,
        -- what was stopped before this school came; later changes have leaves of their own in the stream vendor
        'stopped', (SELECT coalesce(jsonb_agg(scope || ':' || key ORDER BY scope, key), '[]') FROM consent.kill_switch
                    WHERE is_on AND scope IN ('platform', 'channel'))));
END $$;

CREATE FUNCTION consent.rename_school(school_id uuid, names jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    PERFORM consent.require(jsonb_typeof(names) = 'object' AND names <> '{}', 'names maps languages to names.');
    PERFORM consent.lock_school(school_id);
    -- an old name still reads as the school's: it is never taken off the list
    UPDATE consent.school s SET names = names,
        folded_names = ARRAY(SELECT DISTINCT unnest(s.folded_names || consent.fold_names(names)))
    WHERE s.school_id = school_id;
    PERFORM consent.record_act(school_id, 'rename', consent.now(), '{}');
END $$;

-- Senders of the vendor only. A sender never changes; a new name is a new sender.
CREATE FUNCTION consent.register_sender(sender_id text, display_name text, address text, has_one_click boolean, has_stop_word boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    PERFORM consent.require(length(display_name) BETWEEN 1 AND 100 AND length(address) BETWEEN 1 AND 200, 'A sender has a name and an address.');
    IF EXISTS (SELECT FROM consent.sender s WHERE s.sender_id = sender_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = 'This sender is registered already; a new name is a new sender.';
    END IF;
    INSERT INTO consent.sender (sender_id, origin, school_id, display_name, address, has_one_click, has_stop_word)
    VALUES (sender_id, 'vendor', NULL, display_name, address, has_one_click, has_stop_word);
END $$;

CREATE FUNCTION consent.read_ledger(school uuid, stream text, from_seq bigint, max int)
RETURNS TABLE (seq bigint, leaf text, hash bytea, chain bytea)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT l.seq, l.body, l.hash, l.chain FROM consent.leaf l
    WHERE l.school_id = read_ledger.school AND l.stream = read_ledger.stream AND l.seq >= read_ledger.from_seq
    ORDER BY l.seq LIMIT least(greatest(read_ledger.max, 0), 10000)
$$;

CREATE FUNCTION consent.read_checkpoints(school uuid)
RETURNS TABLE (stream text, size bigint, root bytea, made_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT c.stream, c.size, c.root, c.made_at FROM consent.checkpoint c
    WHERE c.school_id = read_checkpoints.school ORDER BY c.made_at, c.stream
$$;
