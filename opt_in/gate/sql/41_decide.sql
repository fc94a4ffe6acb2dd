-- The decision over a batch of waiting envelopes of one school: law at the claim, advice at the expansion. A missing input
-- denies. `body` is what the ledger would say: RFC 8785, and as all values are ids, codes, hex and integers, nothing in it
-- needs escaping; null for a HOLD, which is no decision yet. The helpers of the hot path stand in the query itself: a
-- function with a pinned path cannot be inlined, and costs as much as a row. The planner's settings are its callers'.

CREATE FUNCTION consent.decide_batch(p_school uuid, p_ids uuid[], p_now timestamptz)
RETURNS TABLE (envelope_id uuid, verdict text, code text, codes text[], look_again_at timestamptz, contact_version int,
               instruction_id uuid, body text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, consent, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_stage  text;
    v_killed text[];
    v_iso    text := consent.iso(p_now);
BEGIN
    SELECT stage, ARRAY(SELECT scope || ':' || key FROM consent.kill_switch WHERE is_on AND scope IN ('platform', 'channel'))
    INTO v_stage, v_killed FROM consent.school WHERE school_id = p_school;

    RETURN QUERY
    WITH e AS MATERIALIZED (
        SELECT *, class = 'vendor_marketing' OR campaign_id IS NOT NULL AS is_offer,
               class IN ('school_service', 'school_info') AND campaign_id IS NULL AS is_schools
        FROM consent.envelope WHERE envelope_id = ANY (p_ids) AND school_id = p_school AND state = 'queued'
    ), f AS MATERIALIZED (
        SELECT d.campaign_id, d.channel, facts.*
        FROM (SELECT DISTINCT campaign_id, channel FROM e WHERE campaign_id IS NOT NULL) d
        CROSS JOIN LATERAL consent.campaign_facts(p_school, d.campaign_id, d.channel, p_now) facts
    ), judged AS MATERIALIZED (
        SELECT e.envelope_id, e.campaign_id, e.subject_id, e.channel, e.kind, e.dedupe_key, e.not_before, e.class, e.attempts,
               e.content_sha256,
               su.pseudonym, encode(substr(sha256(su.key || uuid_send(ct.contact_id)), 1, 16), 'hex') AS contact_pseudonym,
               ct.version AS contact_version, g.event_id, g.notice_id,
               f.instruction_id, f.resolution_id, f.approval_id,
               array_remove(ARRAY[
                   -- 0: what the other rules of this class would have caught as missing, caught here for those without them
                   CASE WHEN (is_offer AND f.content_sha256 IS NULL)
                          OR (e.class IN ('security', 'platform_service') AND ct.contact_id IS NULL)
                          OR e.class = 'vendor_contract'      -- the gate knows no contracts yet
                          OR v_stage IS NULL THEN 'DENY_INPUT_UNAVAILABLE' END,
                   -- 1
                   CASE WHEN k.kind IS NULL THEN 'DENY_UNCLASSIFIED'
                        WHEN e.class <> k.class OR (e.campaign_id IS NOT NULL AND e.class <> 'vendor_marketing')
                        THEN 'DENY_CLASS_DOWNGRADE' END,
                   -- 2
                   CASE WHEN e.origin IS DISTINCT FROM k.origin
                          OR (e.campaign_id IS NOT NULL AND (e.origin <> 'vendor' OR e.sender_id IS DISTINCT FROM f.sender_id))
                        THEN 'DENY_ORIGIN_MISMATCH' END,
                   -- 3, where no campaign brings its own answer
                   CASE WHEN f.codes IS NULL
                         AND (sn.origin IS DISTINCT FROM e.origin OR (sn.school_id IS NOT NULL AND sn.school_id <> p_school))
                        THEN 'DENY_SENDER_NOT_OWNED' END,
                   -- 4 and 5 of the school's own messages
                   CASE WHEN is_schools
                         AND v_killed && ARRAY['platform:', 'channel:' || e.channel] THEN 'DENY_KILL_SWITCH' END,
                   CASE WHEN is_schools AND v_stage <> 'live'
                         AND NOT coalesce(su.roles && ARRAY['staff', 'director'], false) THEN 'DENY_SCHOOL_NOT_LIVE' END
               ], NULL)
               || CASE WHEN f.content_sha256 IS NULL THEN '{}' ELSE f.codes END
               || array_remove(ARRAY[
                   -- 9: this envelope carries what the campaign holds
                   CASE WHEN e.content_sha256 <> f.content_sha256 AND NOT 'DENY_CONTENT_CHANGED' = ANY (f.codes)
                        THEN 'DENY_CONTENT_CHANGED' END,
                   -- 10
                   CASE WHEN is_offer AND NOT coalesce(su.is_active AND 'guardian' = ANY (su.roles)
                                                       AND NOT 'pupil' = ANY (su.roles), false) THEN 'DENY_NOT_GUARDIAN'
                        WHEN is_schools
                         AND NOT coalesce(su.is_active AND cardinality(su.roles) > 0, false) THEN 'DENY_NOT_GUARDIAN' END,
                   CASE WHEN is_offer AND NOT su.is_adult THEN 'DENY_MINOR' END,
                   -- 11
                   CASE WHEN is_offer AND 'objection' = ANY (su_p.reasons) THEN 'DENY_SUPPRESSED_OBJECTION' END,
                   CASE WHEN is_offer AND 'complaint' = ANY (su_p.reasons) THEN 'DENY_SUPPRESSED_COMPLAINT' END,
                   CASE WHEN is_offer AND 'stop' = ANY (su_p.reasons) THEN 'DENY_SUPPRESSED_STOP' END,
                   CASE WHEN 'bounce' = ANY (su_p.reasons) THEN 'DENY_SUPPRESSED_BOUNCE' END,
                   -- 12: events are folded first; what expires can only turn a grant off
                   CASE WHEN is_offer THEN CASE
                            WHEN g.act IS NULL THEN 'DENY_NO_OPT_IN'
                            WHEN g.act = 'withdraw' THEN 'DENY_OPT_IN_WITHDRAWN'
                            WHEN g.act = 'refuse' THEN 'DENY_OPT_IN_REFUSED'
                            WHEN g.expires_at <= p_now THEN 'DENY_OPT_IN_EXPIRED' END
                        WHEN e.class = 'school_info' AND g.act IN ('withdraw', 'refuse') THEN 'DENY_OPT_IN_WITHDRAWN' END,
                   CASE WHEN is_offer AND g.act = 'give'
                         AND (g.actor <> g.subject_id OR NOT g.capture = ANY (consent.own_captures()))
                        THEN 'DENY_OPT_IN_INVALID_CAPTURE' END,
                   CASE WHEN is_offer AND g.act = 'give'
                         AND (n.notice_id IS NULL OR n.purpose <> g.purpose OR n.superseded_at <= p_now)
                        THEN 'DENY_OPT_IN_NOTICE_SUPERSEDED' END,
                   CASE WHEN is_offer AND g.act = 'give' AND g.instruction_id IS NULL
                        THEN 'DENY_OPT_IN_OUTSIDE_INSTRUCTION' END,
                   -- 13
                   CASE WHEN (is_offer OR is_schools) THEN CASE
                            WHEN ct.contact_id IS NULL THEN 'DENY_NO_CONTACT'
                            WHEN ct.verified_at IS NULL OR ct.verified_at > p_now THEN 'DENY_CONTACT_UNVERIFIED' END END,
                   CASE WHEN is_offer AND ct.contact_id IS NOT NULL AND g.act = 'give' THEN CASE
                            WHEN g.contact_id IS DISTINCT FROM ct.contact_id THEN 'DENY_CONTACT_PROVENANCE'
                            WHEN g.contact_version IS DISTINCT FROM ct.version THEN 'DENY_CONTACT_CHANGED' END END,
                   -- 14
                   CASE WHEN is_offer AND NOT coalesce(f.has_way_out, false) THEN 'DENY_NO_WITHDRAWAL_PATH' END,
                   -- 15
                   CASE WHEN (e.campaign_id IS NOT NULL AND EXISTS (
                                SELECT FROM consent.envelope o
                                WHERE o.school_id = p_school AND o.campaign_id = e.campaign_id
                                  AND o.subject_id = e.subject_id AND o.channel = e.channel
                                  AND o.state IN ('claimed', 'sent', 'unknown', 'failed', 'bounced')
                                  AND o.envelope_id <> e.envelope_id))
                          OR (e.dedupe_key IS NOT NULL AND EXISTS (      -- of every class: the index would refuse it too
                                SELECT FROM consent.envelope o
                                WHERE o.school_id = p_school AND o.kind = e.kind AND o.dedupe_key = e.dedupe_key
                                  AND o.state IN ('claimed', 'sent', 'unknown') AND o.envelope_id <> e.envelope_id))
                        THEN 'DENY_DUPLICATE' END,
                   -- 16
                   CASE WHEN (is_offer OR is_schools) AND e.expires_at <= p_now
                        THEN 'DENY_MESSAGE_EXPIRED' END,
                   CASE WHEN (is_offer OR is_schools) AND e.not_before > p_now
                        THEN 'HOLD_NOT_BEFORE' END
               ], NULL) AS codes
        FROM e
        LEFT JOIN f ON f.campaign_id = e.campaign_id AND f.channel = e.channel
        LEFT JOIN consent.kind k ON k.kind = e.kind
        LEFT JOIN consent.sender sn ON sn.sender_id = e.sender_id
        LEFT JOIN consent.subject su ON su.school_id = p_school AND su.subject_id = e.subject_id
        LEFT JOIN consent.contact ct ON ct.school_id = p_school AND ct.contact_id = e.contact_id
             AND ct.subject_id = e.subject_id AND ct.channel = e.channel AND ct.is_active
        LEFT JOIN LATERAL (
            SELECT v.* FROM consent.consent_event v
            WHERE v.school_id = p_school AND v.subject_id = e.subject_id AND v.channel = e.channel
              AND v.purpose = CASE WHEN e.class = 'school_info' THEN 'school_info' ELSE f.purpose END
            ORDER BY v.number DESC LIMIT 1) g ON true
        LEFT JOIN consent.notice n ON n.notice_id = g.notice_id
        -- an aggregate, so that it is looked up once however often the list of codes is read
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(s.reason), '{}') AS reasons FROM (
                SELECT s.reason FROM consent.suppression s
                WHERE s.address_hash = ct.address_hash
                  AND (s.reason = 'objection' OR (s.school_id = p_school AND s.channel = e.channel))
                UNION ALL
                SELECT s.reason FROM consent.suppression s
                WHERE s.school_id = p_school AND s.subject_id = e.subject_id
                  AND (s.channel IS NULL OR s.channel = e.channel)) s) su_p
    ), counted AS (
        -- two waiting envelopes for the same reader in one batch: the first one wins
        SELECT j.*, cardinality(j.codes) = 0 AND row_number() OVER (
                   PARTITION BY cardinality(j.codes) = 0, CASE
                       WHEN j.campaign_id IS NOT NULL THEN concat_ws(' ', j.campaign_id, j.subject_id, j.channel)
                       WHEN j.dedupe_key IS NOT NULL THEN j.kind || ' ' || j.dedupe_key
                       ELSE j.envelope_id::text END
                   ORDER BY j.envelope_id) > 1 AS is_copy
        FROM judged j
    ), named AS MATERIALIZED (
        SELECT c.*, CASE WHEN c.is_copy THEN ARRAY['DENY_DUPLICATE'] ELSE c.codes END AS all_codes,
               CASE WHEN cardinality(c.codes) > 0 THEN consent.primary_code(c.codes) WHEN c.is_copy THEN 'DENY_DUPLICATE' END AS code
        FROM counted c
    )
    SELECT n.envelope_id, coalesce(left(n.code, 4), 'ALLOW'), n.code, n.all_codes, greatest(n.not_before, p_now + interval '1 minute'),
           n.contact_version, n.instruction_id,
           CASE WHEN n.code IS NULL OR n.code LIKE 'DENY%' THEN format(
               '{"act":"decide","approval":%s,"at":"%s","attempt":%s,"campaign":%s,"channel":"%s","class":"%s","code":%s,'
               '"codes":[%s],"consent":%s,"contact":%s,"contact_version":%s,"content":"%s","envelope":"%s","instruction":%s,"kind":"%s",'
               '"notice":%s,"policy":%s,"resolution":%s,"school":"%s","stream":"dispatch","subject":%s,"verdict":"%s"}',
               coalesce(n.approval_id::text, 'null'), v_iso, n.attempts + 1, coalesce('"' || n.campaign_id || '"', 'null'),
               n.channel, n.class, coalesce('"' || n.code || '"', 'null'),
               '"' || nullif(array_to_string(n.all_codes, '","'), '') || '"', coalesce('"' || n.event_id || '"', 'null'),
               coalesce('"' || n.contact_pseudonym || '"', 'null'), coalesce(n.contact_version::text, 'null'), encode(n.content_sha256, 'hex'), n.envelope_id,
               coalesce('"' || n.instruction_id || '"', 'null'), n.kind, coalesce('"' || n.notice_id || '"', 'null'),
               consent.policy_version(), coalesce('"' || n.resolution_id || '"', 'null'), p_school,
               coalesce('"' || n.pseudonym || '"', 'null'), coalesce(left(n.code, 4), 'ALLOW')) END
    FROM named n;
END $$;

-- How a guardian's own yes can reach us. Anything else may be recorded, and counts for nothing.
CREATE FUNCTION consent.own_captures() RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, consent, pg_temp
RETURN ARRAY['portal', 'api', 'mail_link', 'sms_reply'];
