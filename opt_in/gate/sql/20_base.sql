-- Small things that everything else stands on. Every function pins its search path: pg_temp last, so that no
-- temporary table can stand in for one of ours.

CREATE FUNCTION consent.now() RETURNS timestamptz LANGUAGE sql VOLATILE
SET search_path = pg_catalog, consent, pg_temp
RETURN clock_timestamp();

CREATE FUNCTION consent.policy_version() RETURNS int LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN 1;

CREATE FUNCTION consent.new_id() RETURNS uuid LANGUAGE sql VOLATILE
SET search_path = pg_catalog, consent, pg_temp
RETURN uuidv7();

CREATE FUNCTION consent.iso(p_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- Instructions, resolutions and grants end with the school year: the first moment of 1 September, school's time.
CREATE FUNCTION consent.year_end(p_at timestamptz, p_zone text) RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN make_timestamp(
    extract(year FROM p_at AT TIME ZONE p_zone)::int + (extract(month FROM p_at AT TIME ZONE p_zone) >= 9)::int,
    9, 1, 0, 0, 0) AT TIME ZONE p_zone;

-- The school year of a day, named by the year it began in.
CREATE FUNCTION consent.school_year(p_day date) RETURNS int LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN extract(year FROM p_day)::int - (extract(month FROM p_day) < 9)::int;

-- RFC 8785 for what we put in: ASCII keys, integers, strings, booleans, null. jsonb escapes strings exactly as the RFC asks.
CREATE FUNCTION consent.jcs(p_value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    CASE jsonb_typeof(p_value)
    WHEN 'object' THEN
        RETURN '{' || coalesce((SELECT string_agg(to_jsonb(key)::text || ':' || consent.jcs(value), ','
                                                  ORDER BY key COLLATE "C") FROM jsonb_each(p_value)), '') || '}';
    WHEN 'array' THEN
        RETURN '[' || coalesce((SELECT string_agg(consent.jcs(value), ',' ORDER BY position)
                                FROM jsonb_array_elements(p_value) WITH ORDINALITY AS item (value, position)), '') || ']';
    WHEN 'number' THEN
        IF p_value::numeric <> trunc(p_value::numeric) OR abs(p_value::numeric) > 9007199254740991 THEN
            RAISE EXCEPTION USING ERRCODE = 'ZG002', MESSAGE = 'Only integers within 2^53 may stand in a canonical text.';
        END IF;
        RETURN trunc(p_value::numeric)::text;
    ELSE
        RETURN p_value::text;
    END CASE;
END $$;

-- What an eye takes for the same name: case, accents, spaces, punctuation, look-alike letters and the letters of Hangul that
-- nobody sees (U+115F, U+1160, which others decompose into) are gone.
CREATE FUNCTION consent.fold_text(p_text text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN regexp_replace(
    translate(lower(normalize(p_text, NFKD)),
              'łđøıіуасеорхјѕԁһкмтвнαοερντικԝԛӏɡɑᴏօսհո013' || U&'\115F\1160',
              'ldoiiyaceopxjsdhkmtbhaoepvtikwqlgaoouhnole'),
    '[^[:alnum:]]', '', 'g');

-- The school whose role this session has taken. The role can only be one that the login was granted; a variable
-- that anybody may set would be no identity. The login counts as well: the provisioner made the role and
-- could hand it to itself.
CREATE FUNCTION consent.current_school() RETURNS consent.school LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school consent.school;
BEGIN
    SELECT * INTO v_school FROM consent.school
    WHERE role_name = current_setting('role') AND session_user = 'app_school';
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = 'This session does not act for a registered school.';
    END IF;
    RETURN v_school;
END $$;

-- The short lock that orders claims against authority. Under a stricter isolation level the snapshot would be older
-- than the lock and a revocation could be missed, so that is refused.
CREATE FUNCTION consent.lock_school(p_school uuid, p_name text DEFAULT 'school') RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004', MESSAGE = 'The gate works in READ COMMITTED transactions only.';
    END IF;
    PERFORM FROM consent.school_lock WHERE school_id = p_school AND name = p_name FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such school.';
    END IF;
END $$;

-- For the sweep, which goes through many schools in one transaction and may not wait for one while it holds another:
-- a claim over both, the other way round, would be a deadlock, and a revocation behind it would wait a second.
CREATE FUNCTION consent.try_lock_school(p_school uuid) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    PERFORM FROM consent.school_lock WHERE school_id = p_school AND name = 'school' FOR UPDATE SKIP LOCKED;
    RETURN FOUND;
END $$;

CREATE FUNCTION consent.require_role(p_school uuid, p_actor uuid, p_role text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consent.subject
                   WHERE school_id = p_school AND subject_id = p_actor AND is_active AND p_role = ANY (roles)) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = format('Only an active %s of this school may do this.', p_role);
    END IF;
END $$;

CREATE FUNCTION consent.require(p_holds boolean, p_message text) RETURNS void LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF p_holds IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG002', MESSAGE = p_message;
    END IF;
END $$;
