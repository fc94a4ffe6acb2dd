-- Three streams per school. The last leaf is read and the next one only inserted: a head row updated for each leaf
-- fell to a third of its rate under one idle snapshot.

-- Call it with the lock of the stream held: 'vendor' for the stream vendor, 'school' for the others.
CREATE FUNCTION consent.append_leaves(p_school uuid, p_stream text, p_bodies text[], OUT first_seq bigint, OUT hashes bytea[])
LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    v_chain  bytea;
    v_chains bytea[] := '{}';
    v_hash   bytea;
    v_body   text;
BEGIN
    SELECT seq, chain INTO first_seq, v_chain FROM consent.leaf
    WHERE school_id = p_school AND stream = p_stream ORDER BY seq DESC LIMIT 1;
    first_seq := coalesce(first_seq, 0) + 1;
    v_chain := coalesce(v_chain, decode(repeat('00', 32), 'hex'));
    hashes := '{}';
    FOREACH v_body IN ARRAY p_bodies LOOP
        v_hash := sha256('\x00'::bytea || convert_to(v_body, 'UTF8'));
        v_chain := sha256('\x01'::bytea || v_chain || v_hash);
        hashes := hashes || v_hash;
        v_chains := v_chains || v_chain;
    END LOOP;
    INSERT INTO consent.leaf (school_id, stream, seq, body, hash, chain)
    SELECT p_school, p_stream, first_seq + n - 1, body, hash, chain
    FROM unnest(p_bodies, hashes, v_chains) WITH ORDINALITY AS new (body, hash, chain, n);
END $$;

-- One leaf. It names its school and its stream, so that it proves nothing anywhere else.
CREATE FUNCTION consent.append_leaf(p_school uuid, p_stream text, p_act text, p_at timestamptz, p_facts jsonb) RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, consent, pg_temp
RETURN (SELECT first_seq FROM consent.append_leaves(p_school, p_stream, ARRAY[consent.jcs(
    p_facts || jsonb_build_object('act', p_act, 'at', consent.iso(p_at), 'school', p_school, 'stream', p_stream))]));

-- One act of a school, a person or the platform in the stream authority, whose lock its callers hold already.
CREATE FUNCTION consent.record_act(p_school uuid, p_act text, p_at timestamptz, p_facts jsonb) RETURNS bigint LANGUAGE sql VOLATILE
SET search_path = pg_catalog, consent, pg_temp
RETURN consent.append_leaf(p_school, 'authority', p_act, p_at, p_facts);

CREATE FUNCTION consent.pseudonym_of(p_school uuid, p_subject uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN (SELECT pseudonym FROM consent.subject WHERE school_id = p_school AND subject_id = p_subject);

-- Says whether two leaves speak of the same address of one person, and nothing more; as decide_batch makes it too.
CREATE FUNCTION consent.contact_pseudonym(p_school uuid, p_subject uuid, p_contact uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN (SELECT encode(substr(sha256(key || uuid_send(p_contact)), 1, 16), 'hex') FROM consent.subject
        WHERE school_id = p_school AND subject_id = p_subject);
