-- People and contacts, put here in the transaction that changes them at the school: no later copy that could lag.

CREATE FUNCTION consent.put_subjects(rows jsonb) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school  consent.school := consent.current_school();
    v_changed bigint;
    v_before  text[];
    v_after   text[];
BEGIN
    v_before := consent.officers_of(v_school.school_id);
    WITH given AS (
        SELECT DISTINCT ON (subject_id) * FROM jsonb_to_recordset(rows)
            AS r (subject_id uuid, roles text[], is_adult boolean, is_active boolean, language text)
        ORDER BY subject_id
    ), keyed AS (
        SELECT given.*, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) AS key FROM given
    )
    INSERT INTO consent.subject AS s (school_id, subject_id, roles, is_adult, is_active, language, key, pseudonym)
    SELECT v_school.school_id, subject_id, roles, coalesce(is_adult, true), is_active, language, key,
           encode(substr(sha256(key || uuid_send(subject_id)), 1, 16), 'hex')
    FROM keyed
    ON CONFLICT (school_id, subject_id) DO UPDATE
        SET roles = excluded.roles, is_adult = excluded.is_adult, is_active = excluded.is_active, language = excluded.language
        WHERE (s.roles, s.is_adult, s.is_active, s.language)
              IS DISTINCT FROM (excluded.roles, excluded.is_adult, excluded.is_active, excluded.language);
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    -- Whoever can decide for the school is an appointment, and appointments are acts.
    v_after := consent.officers_of(v_school.school_id);
    IF v_after <> v_before THEN
        PERFORM consent.lock_school(v_school.school_id);
        PERFORM consent.record_act(v_school.school_id, 'officers', consent.now(),
                                   jsonb_build_object('officers', consent.officers_of(v_school.school_id)));
    END IF;
    RETURN v_changed;
END $$;

CREATE FUNCTION consent.officers_of(p_school uuid) RETURNS text[] LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN (SELECT coalesce(array_agg(role || ':' || pseudonym ORDER BY role, pseudonym), '{}')
        FROM consent.subject, unnest(roles) AS role
        WHERE school_id = p_school AND is_active AND roles && ARRAY['director', 'council_chair']
          AND role IN ('director', 'council_chair'));

-- Another address is another version: a grant names the version it was given for.
CREATE FUNCTION consent.put_contacts(rows jsonb) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school  consent.school := consent.current_school();
    v_changed bigint;
    v_stale   bigint;
BEGIN
    WITH given AS MATERIALIZED (
        SELECT r.*, decode(r.sealed, 'base64') AS sealed_bytes, decode(r.address_hash, 'hex') AS hash_bytes
        FROM (SELECT DISTINCT ON (contact_id) * FROM jsonb_to_recordset(rows)
              AS r (contact_id uuid, subject_id uuid, channel text, version int, sealed text, address_hash text,
                    verified_at timestamptz, provenance text, is_active boolean) ORDER BY contact_id) r
    ), stale AS (
        SELECT count(*) AS n FROM given g JOIN consent.contact c ON c.school_id = v_school.school_id AND c.contact_id = g.contact_id
        WHERE c.subject_id <> g.subject_id OR c.channel <> g.channel OR g.version < c.version
           OR (g.version = c.version AND g.hash_bytes <> c.address_hash)
    ), put AS (
        INSERT INTO consent.contact AS c (school_id, contact_id, subject_id, channel, version, sealed, address_hash,
                                          verified_at, provenance, is_active)
        SELECT v_school.school_id, contact_id, subject_id, channel, version, sealed_bytes, hash_bytes,
               verified_at, provenance, is_active
        FROM given
        ON CONFLICT (school_id, contact_id) DO UPDATE
            SET version = excluded.version, sealed = excluded.sealed, address_hash = excluded.address_hash,
                verified_at = excluded.verified_at, provenance = excluded.provenance, is_active = excluded.is_active
            WHERE (c.version, c.sealed, c.address_hash, c.verified_at, c.provenance, c.is_active) IS DISTINCT FROM
                  (excluded.version, excluded.sealed, excluded.address_hash, excluded.verified_at, excluded.provenance, excluded.is_active)
        RETURNING 1)
    SELECT (SELECT n FROM stale), (SELECT count(*) FROM put) INTO v_stale, v_changed;
    IF v_stale > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG004',
            MESSAGE = 'A contact keeps its person and channel, its version never falls, and a new address needs a new version.';
    END IF;
    RETURN v_changed;
END $$;

-- Erasing destroys the key of the pseudonym. Grants are withdrawn first, so that nobody who comes back finds one waiting;
-- suppressions stay, because they hold hashes only and protect the person.
CREATE FUNCTION consent.erase_subject(subject uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school consent.school := consent.current_school();
    v_now    timestamptz;
    v_event  record;
BEGIN
    -- the person first, then the school, in the order of put_subjects: the other way round the two could deadlock
    PERFORM FROM consent.subject s WHERE s.school_id = v_school.school_id AND s.subject_id = erase_subject.subject FOR UPDATE;
    PERFORM consent.lock_school(v_school.school_id);
    v_now := consent.now();
    PERFORM consent.require_subject(v_school.school_id, subject);
    FOR v_event IN
        SELECT DISTINCT ON (purpose, channel) purpose, channel, act FROM consent.consent_event
        WHERE school_id = v_school.school_id AND subject_id = subject ORDER BY purpose, channel, number DESC
    LOOP
        IF v_event.act = 'give' THEN
            PERFORM consent.add_event(v_school, subject, v_event.purpose, v_event.channel, 'withdraw', subject, 'erasure', v_now);
        END IF;
    END LOOP;
    PERFORM consent.record_act(v_school.school_id, 'erase', v_now,
                               jsonb_build_object('subject', consent.pseudonym_of(v_school.school_id, subject)));
    DELETE FROM consent.contact WHERE school_id = v_school.school_id AND subject_id = subject;
    DELETE FROM consent.subject s WHERE s.school_id = v_school.school_id AND s.subject_id = erase_subject.subject;
END $$;
