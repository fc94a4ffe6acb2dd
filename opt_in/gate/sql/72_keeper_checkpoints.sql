-- Checkpoints leave the platform: whoever rewrites a chain later contradicts a mail in the director's and the chair's box.

-- Reads heads only, without any school's lock.
CREATE FUNCTION consent.make_checkpoint(school uuid) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_now    timestamptz := consent.now();
    v_points jsonb;
BEGIN
    PERFORM FROM consent.school s WHERE s.school_id = make_checkpoint.school AND s.role_name IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG003', MESSAGE = 'There is no such school.';
    END IF;
    WITH made AS (
        INSERT INTO consent.checkpoint (school_id, stream, size, root, made_at)
        SELECT make_checkpoint.school, st.stream, head.seq, head.chain, v_now
        FROM unnest(ARRAY['authority', 'vendor', 'dispatch']) AS st (stream)
        CROSS JOIN LATERAL (SELECT l.seq, l.chain FROM consent.leaf l
                            WHERE l.school_id = make_checkpoint.school AND l.stream = st.stream ORDER BY l.seq DESC LIMIT 1) head
        RETURNING *)
    SELECT coalesce(jsonb_agg(jsonb_build_object('origin', 'zgoda/' || school_id || '/' || stream, 'size', size,
                                                 'root', encode(root, 'hex'), 'at', consent.iso(made_at)) ORDER BY stream), '[]')
    INTO v_points FROM made;
    IF v_points <> '[]' THEN
        PERFORM consent.tell_officers(make_checkpoint.school, 'ledger.checkpoint', ARRAY['director', 'council_chair'],
                                      jsonb_build_object('checkpoints', v_points), consent.iso(v_now), v_now);
    END IF;
    RETURN v_points;
END $$;

-- For every school where something happened and whose last checkpoint is older than 20 hours: once a day, well within 24 h.
CREATE FUNCTION consent.make_checkpoints() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
DECLARE
    v_school uuid;
    v_made   bigint := 0;
BEGIN
    FOR v_school IN
        SELECT s.school_id FROM consent.school s
        WHERE s.role_name IS NOT NULL AND s.stage <> 'closed'
          AND NOT EXISTS (SELECT FROM consent.checkpoint c
                          WHERE c.school_id = s.school_id AND c.made_at > consent.now() - interval '20 hours')
          AND EXISTS (SELECT FROM consent.leaf l WHERE l.school_id = s.school_id)
        ORDER BY s.school_id
    LOOP
        PERFORM consent.make_checkpoint(v_school);
        v_made := v_made + 1;
    END LOOP;
    RETURN v_made;
END $$;
