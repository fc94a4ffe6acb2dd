"""The world that random SQL is let loose on, and what must still be true of it afterwards."""

import base64
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from local.keys import SUPERUSER
from opt_in.gate.bootstrap import IDLE_IN_TRANSACTION_SECONDS
from proofs.processes import installed_platform
from tests.attack.world import Gate, School, rows

# What can be changed through the functions of a login. "own": only in rows of the school it acts for.
EVERYWHERE: dict[str, frozenset[str]] = {
    "app_school": frozenset(),
    "ledger_witness": frozenset(),
    "app_vendor": frozenset({"request"}),
    "app_keeper": frozenset(
        {"request", "campaign", "campaign_text", "campaign_target", "kill_switch"}
        | {"leaf", "envelope", "outcome", "tally", "checkpoint"}
    ),
    "app_dispatch": frozenset(
        {"envelope", "decision", "outcome", "leaf", "handed_over", "suppression", "handed out"}
        | {"consent_event", "provider_event", "delivery_report"}
    ),
    "zgoda_owner": frozenset({"school", "school_lock", "sender", "leaf"}),
    # The inbox belongs to no school.
    "app_public": frozenset({"provider_event"}),
}
OWN: dict[str, frozenset[str]] = {
    "a school": frozenset(
        {"school", "stage", "instruction", "resolution", "approval", "consent_event", "subject", "contact"}
        | {"suppression", "envelope", "campaign_target", "leaf"}
    ),
    "app_public": frozenset({"consent_event", "suppression", "leaf"}),
}
CASES = tuple(dict.fromkeys((*EVERYWHERE, *OWN)))
# In turn; those that hold the most functions, or that the gate is built against, more often.
ROTATION = (*CASES, "a school", "app_vendor")
ONLY_EVER_ADDED = frozenset(
    {"leaf", "decision", "consent_event", "approval", "campaign_text", "suppression", "checkpoint"}
    | {"sender", "kind", "handed_over", "handed out", "delivery_report"}
)
# What a login's functions tell it of every school; of persons it is told nothing but what it needs to send.
TOLD: dict[str, frozenset[str]] = {
    "app_keeper": frozenset({"chain"}),
    "app_dispatch": frozenset({"leaf", "sealed", "params"}),
    "ledger_witness": frozenset({"leaf", "chain", "pseudonym", "instruction", "consent", "address"}),
    "zgoda_owner": frozenset({"diary"}),
}
_SECRETS = """
    SELECT school_id, 'pseudonym', pseudonym FROM consent.subject
    UNION ALL SELECT school_id, 'address', encode(address_hash, 'hex') FROM consent.contact
    UNION ALL SELECT school_id, 'sealed', encode(sealed, 'hex') FROM consent.contact
    UNION ALL SELECT school_id, 'params', encode(params, 'hex') FROM consent.envelope
              WHERE length(params) BETWEEN 16 AND 2000
    UNION ALL SELECT school_id, 'token', encode(token_sha256, 'hex') FROM consent.envelope
              WHERE token_sha256 IS NOT NULL
    UNION ALL SELECT school_id, 'instruction', instruction_id::text FROM consent.instruction
    UNION ALL SELECT school_id, 'consent', event_id::text FROM consent.consent_event
    UNION ALL SELECT school_id, 'leaf', encode(hash, 'hex') FROM consent.leaf
    UNION ALL SELECT school_id, 'chain', encode(chain, 'hex') FROM consent.leaf"""
BROKEN_CHAINS = """
    SELECT count(*) FROM (
        SELECT seq, body, hash, chain, lag(chain) OVER w AS before, lag(seq) OVER w AS seq_before FROM consent.leaf
        WINDOW w AS (PARTITION BY school_id, stream ORDER BY seq)) l
    WHERE hash <> sha256('\\x00'::bytea || convert_to(body, 'UTF8')) OR seq <> coalesce(seq_before, 0) + 1
       OR chain <> sha256('\\x01'::bytea || coalesce(before, decode(repeat('00', 32), 'hex')) || hash)"""
_LOOKS_SECRET = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}")

# Table and school → one number for each row.
Shot = dict[tuple[str, str], frozenset[Any]]


@dataclass(slots=True)
class Member:
    """A school with a diary, people, a waiting offer, one that was taken, and what the grammar may know of it."""

    school: School
    diary: str
    token: str
    ids: dict[str, list[str]]


@dataclass
class World:
    gate: Gate
    own: Member = field(init=False)
    other: Member = field(init=False)
    victim: Member = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Three new schools: one to act as, one to be left alone, one that revokes."""
        self._switch_on()
        self.own, self.other, self.victim = (self._member() for _ in range(3))

    def _switch_on(self) -> None:
        """The vendor may stop everything, and random SQL does."""
        for scope, key in (("platform", ""), *(("channel", one) for one in ("email", "sms", "in_app", "push"))):
            self.gate.ask("app_vendor", "SELECT consent.set_kill_switch(%s, %s, false)", scope, key)
        while self.gate.ask("app_keeper", "SELECT consent.judge(1000)") != [(0,)]:
            pass

    def _member(self) -> Member:
        gate = self.gate
        school = gate.register_school()
        diary = secrets.token_hex(16)
        gate.put_contact(school, sealed=base64.b64encode(secrets.token_bytes(16)).decode())
        gate.ask_for(school, f"INSERT INTO {school.role}.diary VALUES (%s)", diary)
        envelope = gate.queued_offer(school)
        gate.record_resolution(school, school.director)
        gate.claim(envelope)
        token = gate.take(envelope)
        waiting = gate.propose(school)
        gate.approve(school, waiting)
        gate.expand(school, waiting)
        message = "SELECT consent.enqueue('school.message', %s, 'email', %s, %s, sha256('x'))"
        gate.ask_for(school, message, school.guardian, school.contact, secrets.token_bytes(20))
        people = {"school": school.id, "director": school.director, "chair": school.chair}
        people |= {"guardian": school.guardian, "contact": school.contact}
        ids = {name: [str(one)] for name, one in people.items()}
        for name, query in (
            ("envelope", "SELECT envelope_id FROM consent.envelope WHERE school_id = %s ORDER BY 1"),
            ("campaign", "SELECT campaign_id FROM consent.campaign_target WHERE school_id = %s ORDER BY judged_at"),
            ("resolution", "SELECT resolution_id FROM consent.resolution WHERE school_id = %s"),
        ):
            ids[name] = [str(one) for (one,) in gate.inspect(query, school.id)]
        return Member(school, diary, token, ids)

    @cached_property
    def tables(self) -> dict[str, bool]:
        """The gate's tables, and whether their rows belong to schools."""
        found = self.gate.inspect(
            "SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'school_id')"
            " FROM pg_class c WHERE c.relnamespace = 'consent'::regnamespace AND c.relkind = 'r' ORDER BY 1"
        )
        return dict(found)

    def shot(self) -> Shot:
        """Every row of the gate, and beside it what no table shows at a glance."""
        found: dict[tuple[str, str], set[Any]] = {}
        queries = {
            table: f"SELECT {'school_id::text' if of_schools else 'NULL'}, hashtextextended(t::text, 0)"
            f" FROM consent.{table} t"
            for table, of_schools in self.tables.items()
        }
        queries["stage"] = "SELECT school_id::text, stage || coalesce(role_name, '') FROM consent.school"
        queries["handed out"] = (
            "SELECT school_id::text, envelope_id FROM consent.envelope WHERE attempts > 0 AND state <> 'denied'"
        )
        with self.gate.login(SUPERUSER) as connection:
            for table, query in queries.items():
                for school, row in rows(connection, query):
                    found.setdefault((table, school or ""), set()).add(row)
        return {key: frozenset(value) for key, value in found.items()}

    def secrets_kept_from(self, case: str) -> dict[str, str]:
        """What this login may never be told, and what it is."""
        told = TOLD.get(case, frozenset())
        known = str(self.own.school.id) if case in OWN else ""
        kept = {
            secret: f"{kind} of {school}"
            for school, kind, secret in self.gate.inspect(_SECRETS)
            if kind not in told and str(school) != known
        }
        if "diary" not in told:
            members = (self.other, self.victim) if known else (self.own, self.other, self.victim)
            kept |= {member.diary: f"diary of {member.school.id}" for member in members}
        return kept

    def broken_chains(self) -> int:
        return int(self.gate.inspect(BROKEN_CHAINS)[0][0])

    def revoke(self) -> float:
        """Seconds that the victim's revocation takes, connecting included; then it authorises anew."""
        school = self.victim.school
        options = "-c statement_timeout=5000"
        began = time.monotonic()
        with self.gate.login("app_school", options=options) as connection:
            connection.execute(f'SET ROLE "{school.role}"'.encode())
            connection.execute("SELECT consent.revoke(%s, 'enough')", [school.director])
            took = time.monotonic() - began
            connection.execute(
                "SELECT consent.authorise(%s, '{vendor_offers}', '{plus}', '{email}', 'guardians', NULL, NULL)",
                [school.director],
            )
        return took

    def forget_settings(self, login: str) -> None:
        """A login may leave settings for its own next sessions; they harm nobody else and end here."""
        idle = IDLE_IN_TRANSACTION_SECONDS.get(login)
        self.gate.inspect(f"ALTER ROLE {login} RESET ALL")
        if idle:
            self.gate.inspect(f"ALTER ROLE {login} SET idle_in_transaction_session_timeout = '{idle}s'")


@dataclass(frozen=True, slots=True)
class Judge:
    """Tells which changes of the gate a login's functions cannot have made."""

    case: str
    own: UUID
    victim: UUID

    def differences(self, before: Shot, after: Shot, revocations: int) -> list[str]:
        """One sentence for each table and school. The victim revoked and authorised so often in between."""
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        none: frozenset[Any] = frozenset()
        return [
            f"{table} of {school or 'no school'}: {why}"
            for table, school in sorted(changed)
            for was, became in [(before.get((table, school), none), after.get((table, school), none))]
            if (why := self._objection(table, school, was, became, revocations))
        ]

    def _objection(
        self, table: str, school: str, was: frozenset[Any], became: frozenset[Any], revocations: int
    ) -> str | None:
        gone, new = len(was - became), len(became - was)
        if table in ONLY_EVER_ADDED and gone:
            return f"{gone} rows were changed or are gone"
        if table in EVERYWHERE.get(self.case, ()) or (table in OWN.get(self.case, ()) and school == str(self.own)):
            return None
        if self.case == "zgoda_owner" and table == "stage" and not was:
            return None  # a school that it registered
        if school == str(self.victim):
            # its own acts: a leaf for each; the old instruction revoked, a new one each time
            by_itself = {"leaf": (0, 2 * revocations), "instruction": (1, revocations + 1)}
            if by_itself.get(table) == (gone, new):
                return None
        return f"{new} rows are new or changed, {gone} are gone"


def leaked(shown: list[str], kept: dict[str, str]) -> list[str]:
    """What of the secrets stands in what was shown."""
    seen = {match for text in shown for match in _LOOKS_SECRET.findall(text)}
    found = {kept[one] for one in seen & kept.keys()}
    for long in (one for one in seen if len(one) > 32 and "-" not in one):
        found |= {what for secret, what in kept.items() if secret in long}
    return sorted(found)


@contextmanager
def world() -> Iterator[World]:
    """A platform of its own: the gate, the real shared tables, three schools."""
    with installed_platform() as cluster:
        yield World(Gate(cluster))
