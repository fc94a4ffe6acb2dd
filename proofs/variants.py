"""Broken gates: each is the true one with one text replaced in its SQL. None may survive the proofs."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Variant:
    """`guard` variants change nothing until somebody attacks; only the self-check is asked to see them."""

    name: str
    file: str
    old: str
    new: str
    guard: bool = False
    after: str = ""

    def write_to(self, folder: Path) -> None:
        path = folder / self.file
        text = path.read_text()
        start = text.find(self.after) if self.after else 0
        where = text.find(self.old, start) if start >= 0 else -1
        if where < 0:
            raise TextNotFound(f"{self.name}: {self.file} no longer holds {self.old!r}; write the variant anew.")
        path.write_text(text[:where] + self.new + text[where + len(self.old) :])


class TextNotFound(LookupError):
    """The gate's SQL has changed under a variant, which would then be the true gate."""


_ALL_ALLOWED = """FROM (SELECT b.envelope_id, 'ALLOW'::text AS verdict, NULL::text AS code, '{}'::text[] AS codes,
        b.look_again_at, b.contact_version, b.instruction_id,
        coalesce(b.body, '{"act":"decide","verdict":"ALLOW"}') AS body
        FROM consent.decide_batch(p_school, p_ids, v_now) b) d;"""

_IMPORTED_YES = """GET DIAGNOSTICS v_changed = ROW_COUNT;
    PERFORM consent.add_event(v_school, c.subject_id, 'vendor_offers', c.channel, 'give', c.subject_id, 'portal',
                              consent.now(), c.contact_id, c.version, '0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01')
    FROM consent.contact c
    WHERE c.school_id = v_school.school_id
      AND c.subject_id IN (SELECT (r ->> 'subject_id')::uuid FROM jsonb_array_elements(rows) r)
      AND NOT EXISTS (SELECT FROM consent.consent_event e WHERE e.subject_id = c.subject_id);"""

_SCHOOL_OF_ACTOR = """(SELECT s FROM consent.school s JOIN consent.subject u ON u.school_id = s.school_id
                               WHERE u.subject_id = actor LIMIT 1);"""

DECIDE, SCHOOL, CLAIM, KEEPER = "41_decide.sql", "40_decide_school.sql", "60_claim.sql", "71_keeper_sweep.sql"
AUTHORITY, CONSENT, PEOPLE = "50_school_authority.sql", "51_school_consent.sql", "52_school_people.sql"
JUDGE = "70_keeper_judge.sql"

VARIANTS: tuple[Variant, ...] = (
    Variant("no claim-time check", CLAIM, "FROM consent.decide_batch(p_school, p_ids, v_now) d;", _ALL_ALLOWED),
    Variant("revoke without cancel", KEEPER, "cancelled := consent.cancel_refused(max, v_now);", "cancelled := 0;"),
    Variant(
        "a revocation spares what begins later",
        AUTHORITY,
        "AND i.revoked_at IS NULL AND i.valid_to > effective_at",
        "AND i.revoked_at IS NULL AND i.valid_to > effective_at AND i.valid_from <= effective_at",
    ),
    Variant("import grants", PEOPLE, "GET DIAGNOSTICS v_changed = ROW_COUNT;", _IMPORTED_YES),
    Variant("an imported yes counts", DECIDE, "'mail_link', 'sms_reply']", "'mail_link', 'sms_reply', 'import']"),
    Variant("somebody else's yes counts", DECIDE, "g.actor <> g.subject_id OR NOT", "false OR NOT"),
    Variant("resurrect", PEOPLE, "IF v_event.act = 'give' THEN", "IF v_event.act = 'nothing' THEN"),
    Variant(
        "a yes outlives a later no",
        DECIDE,
        "ORDER BY v.number DESC LIMIT 1) g ON true",
        "ORDER BY v.act = 'give' DESC, v.number DESC LIMIT 1) g ON true",
    ),
    Variant(
        "no advice at expansion",
        "53_school_messages.sql",
        "d.verdict = 'DENY'",
        "d.verdict = 'NEVER'",
    ),
    Variant("no expiry of a yes", DECIDE, "WHEN g.expires_at <= p_now THEN", "WHEN false THEN"),
    Variant("no expiry of an instruction", SCHOOL, "WHEN i.valid_to <= p_now THEN", "WHEN false THEN"),
    Variant(
        "no expiry of a resolution",
        SCHOOL,
        "consent.school_year(v_row.decided_on) < consent.school_year(v_today)",
        "false",
    ),
    Variant("no expiry of a message", DECIDE, "AND e.expires_at <= p_now", "AND false"),
    Variant("contact change ignored", DECIDE, "g.contact_version IS DISTINCT FROM ct.version", "false"),
    Variant("another contact will do", DECIDE, "g.contact_id IS DISTINCT FROM ct.contact_id", "false"),
    Variant(
        "unverified address will do", DECIDE, "WHEN ct.verified_at IS NULL OR ct.verified_at > p_now", "WHEN false"
    ),
    Variant("sender unchecked", SCHOOL, "v_fact.sender_origin IS DISTINCT FROM 'vendor'", "false"),
    Variant("school's name in the signature will do", SCHOOL, "WHEN v_fact.imitates THEN", "WHEN false THEN"),
    Variant(
        "a school's letterhead will do",
        JUDGE,
        "ARRAY[left(folded, 300), right(folded, 300)]",
        "ARRAY[right(folded, 300)]",
    ),
    Variant(
        "Council veto ignored",
        SCHOOL,
        "WHEN v_row.outcome = 'negative' THEN 'DENY_COUNCIL_OPPOSED'",
        "WHEN false THEN 'DENY_COUNCIL_OPPOSED'",
    ),
    Variant("unconfirmed resolution counts", SCHOOL, "ELSE r.confirmed_at IS NOT NULL AND", "ELSE"),
    Variant(
        "the director confirms",
        AUTHORITY,
        "PERFORM consent.require_role(v_school.school_id, actor, 'council_chair');",
        "NULL;",
    ),
    Variant("any approval covers any text", SCHOOL, "v_fact.approved_sha256 <> v_fact.content_sha256", "false"),
    Variant("the first word of the director stays", SCHOOL, "ORDER BY a.approval_id DESC", "ORDER BY a.approval_id"),
    Variant("a rejection is no refusal", SCHOOL, "WHEN v_fact.approval = 'rejected' THEN", "WHEN false THEN"),
    Variant("a suspended school is live", SCHOOL, "v_fact.stage <> 'live'", "v_fact.stage = 'onboarding'"),
    Variant("any product is in scope", SCHOOL, "p_product = ANY (i.products) AND p_channel", "p_channel"),
    Variant("a stopped campaign goes on", SCHOOL, "c.stopped_at IS NOT NULL OR EXISTS", "EXISTS"),
    Variant("kill switch of a channel ignored", SCHOOL, "('channel', p_channel), ", ""),
    Variant(
        "an objection binds one school only",
        DECIDE,
        "(s.reason = 'objection' OR (s.school_id",
        "(false OR (s.school_id",
    ),
    Variant("a bounce is forgotten", DECIDE, "CASE WHEN 'bounce' = ANY (su_p.reasons)", "CASE WHEN false"),
    Variant("offers to minors", DECIDE, "is_offer AND NOT su.is_adult", "false"),
    Variant("offers to pupils", DECIDE, "AND NOT 'pupil' = ANY (su.roles)", ""),
    Variant("a yes without leave to ask counts", DECIDE, "g.act = 'give' AND g.instruction_id IS NULL", "false"),
    Variant("an old text of the question will do", DECIDE, "OR n.superseded_at <= p_now", ""),
    Variant("no way out is needed", DECIDE, "is_offer AND NOT coalesce(f.has_way_out, false)", "false"),
    Variant("too early is early enough", DECIDE, "AND e.not_before > p_now", "AND false"),
    Variant(
        "class of a kind unchecked", DECIDE, "WHEN e.class <> k.class OR", "WHEN false OR (e.campaign_id IS NULL) AND"
    ),
    Variant(
        "the same offer again and again",
        "53_school_messages.sql",
        "AND NOT EXISTS (SELECT FROM consent.envelope o",
        "AND NOT EXISTS (SELECT FROM consent.envelope o JOIN consent.envelope x ON false",
    ),
    Variant(
        "a message may be taken twice",
        "61_delivery.sql",
        "SET taken_at = v_now, token_sha256",
        "SET token_sha256",
    ),
    Variant(
        "a withdrawal by link is not written",
        "85_public.sql",
        "PERFORM consent.add_event(v_school, v_envelope.subject_id, v_purpose",
        "PERFORM (v_school, v_envelope.subject_id, v_purpose",
    ),
    Variant(
        "a revocation leaves no leaf",
        AUTHORITY,
        "PERFORM consent.record_act(v_school.school_id, 'revoke'",
        "PERFORM (v_school.school_id, 'revoke'",
    ),
    Variant(
        "a chain that starts anew",
        "30_ledger.sql",
        "v_chain := sha256('\\x01'::bytea || v_chain || v_hash);",
        "v_chain := sha256('\\x01'::bytea || v_hash);",
    ),
    Variant(
        "a refused campaign hides from the director",
        "54_school_readers.sql",
        "JOIN consent.campaign_target t ON t.school_id = me.school_id",
        "JOIN consent.campaign_target t ON t.school_id = me.school_id AND t.first_verdict <> 'DENY'",
    ),
    Variant("a claim without the school's lock", "20_base.sql", "AND name = p_name FOR UPDATE;", "AND name = p_name;"),
    Variant(
        "school taken from a parameter",
        AUTHORITY,
        "consent.current_school();",
        _SCHOOL_OF_ACTOR,
        after="CREATE FUNCTION consent.authorise",
    ),
    Variant(
        "school taken from a variable",
        "20_base.sql",
        "WHERE role_name = current_setting('role') AND",
        "WHERE role_name = coalesce(nullif(current_setting('zgoda.school', true), ''), current_setting('role')) AND",
    ),
    Variant(
        "search_path not pinned",
        AUTHORITY,
        "SET search_path = pg_catalog, consent, pg_temp\n",
        "",
        guard=True,
        after="CREATE FUNCTION consent.go_live",
    ),
    Variant("trigger not ENABLE ALWAYS", "90_guards.sql", "ENABLE ALWAYS TRIGGER", "ENABLE TRIGGER", guard=True),
    Variant("a leaf may be deleted", "90_guards.sql", "ARRAY['leaf', 'decision',", "ARRAY['decision',", guard=True),
    Variant(
        "the vendor may expand",
        "95_grants.sql",
        "consent.tallies(uuid)\nTO app_vendor",
        "consent.tallies(uuid), consent.expand(uuid)\nTO app_vendor",
        guard=True,
    ),
)
