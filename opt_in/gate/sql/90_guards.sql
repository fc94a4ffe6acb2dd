-- What not even the gate's own functions may do. Plain triggers, ENABLE ALWAYS: no session variable switches them off.

CREATE FUNCTION consent.forbid() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'ZG001',
        MESSAGE = format('consent.%s: %s refused by guard %s.', TG_TABLE_NAME, TG_OP, TG_NAME);
END $$;

-- Facts that are only ever added.
DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['leaf', 'decision', 'consent_event', 'approval', 'campaign_text', 'suppression', 'checkpoint',
                                   'sender', 'kind', 'handed_over', 'delivery_report'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent.%I FOR EACH ROW EXECUTE FUNCTION consent.forbid()', v_table);
    END LOOP;
END $$;

CREATE TRIGGER never_deleted BEFORE DELETE ON consent.instruction FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.resolution FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.campaign FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.campaign_target FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.request FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.notice FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.school FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.school_lock FOR EACH ROW EXECUTE FUNCTION consent.forbid();
CREATE TRIGGER never_deleted BEFORE DELETE ON consent.envelope FOR EACH ROW EXECUTE FUNCTION consent.forbid();

-- An instruction changes once: it is revoked.
CREATE TRIGGER only_revoked_once BEFORE UPDATE ON consent.instruction FOR EACH ROW
WHEN (OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
      OR (OLD.instruction_id, OLD.school_id, OLD.actor, OLD.purposes, OLD.products, OLD.channels, OLD.audience, OLD.valid_from,
          OLD.valid_to, OLD.made_at) IS DISTINCT FROM
         (NEW.instruction_id, NEW.school_id, NEW.actor, NEW.purposes, NEW.products, NEW.channels, NEW.audience, NEW.valid_from,
          NEW.valid_to, NEW.made_at))
EXECUTE FUNCTION consent.forbid();

-- A resolution changes once: the chair confirms it.
CREATE TRIGGER only_confirmed_once BEFORE UPDATE ON consent.resolution FOR EACH ROW
WHEN (OLD.confirmed_at IS NOT NULL OR NEW.confirmed_at IS NULL
      OR (OLD.resolution_id, OLD.number, OLD.school_id, OLD.outcome, OLD.decided_on, OLD.votes_for, OLD.votes_against,
          OLD.votes_abstained, OLD.purposes, OLD.products, OLD.minutes_sha256, OLD.recorded_by, OLD.recorded_at) IS DISTINCT FROM
         (NEW.resolution_id, NEW.number, NEW.school_id, NEW.outcome, NEW.decided_on, NEW.votes_for, NEW.votes_against,
          NEW.votes_abstained, NEW.purposes, NEW.products, NEW.minutes_sha256, NEW.recorded_by, NEW.recorded_at))
EXECUTE FUNCTION consent.forbid();

-- A campaign changes once: it is stopped.
CREATE TRIGGER only_stopped_once BEFORE UPDATE ON consent.campaign FOR EACH ROW
WHEN (OLD.stopped_at IS NOT NULL OR NEW.stopped_at IS NULL
      OR (OLD.campaign_id, OLD.sender_id, OLD.purpose, OLD.product, OLD.channels, OLD.audience, OLD.not_before, OLD.expires_at,
          OLD.targets, OLD.proposed_at) IS DISTINCT FROM
         (NEW.campaign_id, NEW.sender_id, NEW.purpose, NEW.product, NEW.channels, NEW.audience, NEW.not_before, NEW.expires_at,
          NEW.targets, NEW.proposed_at))
EXECUTE FUNCTION consent.forbid();

-- A request changes once: it is handled.
CREATE TRIGGER only_handled_once BEFORE UPDATE ON consent.request FOR EACH ROW
WHEN (OLD.handled_at IS NOT NULL OR NEW.handled_at IS NULL
      OR (OLD.request_id, OLD.act, OLD.campaign_id, OLD.body, OLD.made_at) IS DISTINCT FROM
         (NEW.request_id, NEW.act, NEW.campaign_id, NEW.body, NEW.made_at))
EXECUTE FUNCTION consent.forbid();

-- A notice's text stays what people agreed to.
CREATE TRIGGER text_immutable BEFORE UPDATE ON consent.notice FOR EACH ROW
WHEN (OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL
      OR (OLD.notice_id, OLD.purpose, OLD.language, OLD.version, OLD.body, OLD.approved_at) IS DISTINCT FROM
         (NEW.notice_id, NEW.purpose, NEW.language, NEW.version, NEW.body, NEW.approved_at))
EXECUTE FUNCTION consent.forbid();

CREATE TRIGGER identity_immutable BEFORE UPDATE ON consent.school FOR EACH ROW
WHEN ((OLD.school_id, OLD.role_name) IS DISTINCT FROM (NEW.school_id, NEW.role_name))
EXECUTE FUNCTION consent.forbid();

CREATE TRIGGER identity_immutable BEFORE UPDATE ON consent.subject FOR EACH ROW
WHEN ((OLD.school_id, OLD.subject_id, OLD.key, OLD.pseudonym) IS DISTINCT FROM (NEW.school_id, NEW.subject_id, NEW.key, NEW.pseudonym))
EXECUTE FUNCTION consent.forbid();

CREATE TRIGGER identity_immutable BEFORE UPDATE ON consent.school_lock FOR EACH ROW EXECUTE FUNCTION consent.forbid();

-- The three guards of an envelope ask inside a function: the server parses a WHEN clause anew for each statement, which cost
-- a single claim more than the rest of its update.

-- What ended stays ended.
CREATE FUNCTION consent.keep_end() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF OLD.state NOT IN ('queued', 'claimed') THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = format('consent.envelope: UPDATE refused by guard %s.', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER end_is_final BEFORE UPDATE ON consent.envelope FOR EACH ROW EXECUTE FUNCTION consent.keep_end();

-- Marketing is claimed at most once, and comes back from a claim for nothing.
CREATE FUNCTION consent.keep_claim() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF OLD.state = 'claimed' AND NEW.state = 'queued' AND (OLD.class = 'vendor_marketing' OR OLD.campaign_id IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = format('consent.envelope: UPDATE refused by guard %s.', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER offer_never_queued_again BEFORE UPDATE ON consent.envelope FOR EACH ROW EXECUTE FUNCTION consent.keep_claim();

CREATE FUNCTION consent.keep_identity() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, consent, pg_temp AS $$
BEGIN
    IF OLD.envelope_id <> NEW.envelope_id OR OLD.school_id <> NEW.school_id OR OLD.kind <> NEW.kind OR OLD.class <> NEW.class
       OR OLD.origin <> NEW.origin OR OLD.channel <> NEW.channel OR OLD.subject_id IS DISTINCT FROM NEW.subject_id
       OR OLD.contact_id IS DISTINCT FROM NEW.contact_id OR OLD.campaign_id IS DISTINCT FROM NEW.campaign_id
       OR OLD.sender_id <> NEW.sender_id OR OLD.content_sha256 <> NEW.content_sha256
       OR OLD.dedupe_key IS DISTINCT FROM NEW.dedupe_key OR OLD.expires_at IS DISTINCT FROM NEW.expires_at
       OR OLD.not_before IS DISTINCT FROM NEW.not_before THEN
        RAISE EXCEPTION USING ERRCODE = 'ZG001', MESSAGE = format('consent.envelope: UPDATE refused by guard %s.', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_immutable BEFORE UPDATE ON consent.envelope FOR EACH ROW EXECUTE FUNCTION consent.keep_identity();

-- An envelope is born waiting.
CREATE TRIGGER born_queued BEFORE INSERT ON consent.envelope FOR EACH ROW
WHEN (NEW.state <> 'queued' OR NEW.attempts <> 0 OR NEW.token_sha256 IS NOT NULL)
EXECUTE FUNCTION consent.forbid();

-- No table is ever emptied, and every guard fires always, also for replication roles.
DO $$
DECLARE
    v_table   text;
    v_trigger record;
BEGIN
    FOR v_table IN SELECT relname FROM pg_class WHERE relnamespace = 'consent'::regnamespace AND relkind = 'r' ORDER BY 1 LOOP
        EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON consent.%I FOR EACH STATEMENT EXECUTE FUNCTION consent.forbid()', v_table);
    END LOOP;
    FOR v_trigger IN SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                     WHERE c.relnamespace = 'consent'::regnamespace AND NOT t.tgisinternal LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', v_trigger.relation, v_trigger.tgname);
    END LOOP;
END $$;
