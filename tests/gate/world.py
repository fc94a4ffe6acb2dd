"""A school and its people as the gate knows them, each acting with the login that really does it."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from local.keys import SUPERUSER
from local.postgres import Cluster
from opt_in.gate import dispatch, keeper, register, school, vendor
from opt_in.gate.types import Decision, Expansion, Taken

PURPOSE = "vendor_offers"
PRODUCT = "plus"
NOTICE = UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01")
SENDER = "zgoda-offers"

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass
class Gate:
    """One installed gate and a session of each login."""

    cluster: Cluster
    database: str
    sessions: dict[str, Connection] = field(default_factory=dict)

    def session(self, login: str) -> Connection:
        if login not in self.sessions:
            self.sessions[login] = self.fresh(login)
        return self.sessions[login]

    def fresh(self, login: str) -> Connection:
        return psycopg.connect(self.cluster.conninfo(login, self.database), autocommit=True)

    def close(self) -> None:
        for connection in self.sessions.values():
            connection.close()

    @property
    def superuser(self) -> Connection:
        return self.session(SUPERUSER)

    @contextmanager
    def ahead(self, period: timedelta) -> Iterator[None]:
        """The gate's clock runs ahead."""
        self.superuser.execute("UPDATE consent_test.clock SET ahead = %s", [period])
        try:
            yield
        finally:
            self.superuser.execute("UPDATE consent_test.clock SET ahead = '0'")

    def claim(self, *envelopes: UUID) -> list[Decision]:
        return dispatch.claim(envelopes, connection=self.session("app_dispatch"))

    def take(self, *envelopes: UUID) -> list[Taken]:
        return dispatch.take(envelopes, connection=self.session("app_dispatch"))

    def complete(self, envelope: UUID, outcome: str = "sent") -> str:
        return dispatch.complete(envelope, outcome, connection=self.session("app_dispatch"))

    def judge(self) -> int:
        return keeper.judge(100, connection=self.session("app_keeper"))

    def state_of(self, envelope: UUID) -> tuple[str, str | None]:
        row = self.superuser.execute(
            "SELECT state, code FROM consent.envelope WHERE envelope_id = %s", [envelope]
        ).fetchone()
        assert row
        return row[0], row[1]

    def proposal(self, *schools: "School", **changes: Any) -> dict[str, Any]:
        return {
            "sender": SENDER,
            "purpose": PURPOSE,
            "product": PRODUCT,
            "channels": ["email"],
            "audience": "guardians",
            "not_before": None,
            "expires_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
            "texts": {"email": {"en": {"subject": "More from your diary", "body": "Try Plus.\n\nZgoda offers"}}},
            "targets": {"countries": ["PL"], "schools": [str(one.id) for one in schools]},
        } | changes

    def propose(self, *schools: "School", **changes: Any) -> UUID:
        """The vendor proposes, the keeper judges."""
        campaign = vendor.propose(self.proposal(*schools, **changes), connection=self.session("app_vendor"))
        self.judge()
        return campaign


@dataclass
class Person:
    subject: UUID
    roles: list[str]
    contact: UUID
    version: int = 1
    is_adult: bool = True
    is_active: bool = True
    verified: bool = True
    reachable: bool = True
    language: str = "pl"

    @property
    def address_hash(self) -> bytes:
        return hashlib.sha256(f"{self.subject} {self.version}".encode()).digest()


@dataclass
class School:
    gate: Gate
    id: UUID
    name: str
    director: Person
    chair: Person
    connection: Connection

    def put(self, *people: Person) -> None:
        """Subjects and contacts, in one transaction as the school's own services do it."""
        with self.connection.transaction():
            school.put_subjects(
                [
                    {
                        "subject_id": one.subject,
                        "roles": one.roles,
                        "is_adult": one.is_adult,
                        "is_active": one.is_active,
                        "language": one.language,
                    }
                    for one in people
                ],
                connection=self.connection,
            )
            school.put_contacts([contact_row(one) for one in people], connection=self.connection)

    def guardian(self, *, language: str = "pl") -> Person:
        person = Person(uuid4(), ["guardian"], uuid4(), language=language)
        self.put(person)
        return person

    def authorise(self, **changes: Any) -> UUID:
        scope: dict[str, Any] = {"purposes": [PURPOSE], "products": [PRODUCT], "channels": ["email"]} | changes
        return school.authorise(actor=self.director.subject, connection=self.connection, **scope)

    def revoke(self) -> tuple[datetime, int]:
        done = school.revoke(actor=self.director.subject, reason="enough", connection=self.connection)
        return done.effective_at, done.handed_over

    def resolve(self, outcome: str = "positive", *, decided_on: date | None = None, confirm: bool = True) -> UUID:
        positive = outcome == "positive"
        made = school.record_resolution(
            actor=self.director.subject,
            outcome=outcome,
            decided_on=decided_on or datetime.now(UTC).date(),
            votes_for=9 if positive else 0,
            votes_against=1 if positive else 9,
            votes_abstained=0,
            purposes=[PURPOSE] if positive else [],
            products=[PRODUCT] if positive else [],
            connection=self.connection,
        )
        if positive and confirm:
            school.confirm_resolution(actor=self.chair.subject, resolution_id=made, connection=self.connection)
        return made

    def approve(self, campaign: UUID, content_sha256: bytes | None = None) -> None:
        shown = school.campaign_content(campaign, connection=self.connection)
        school.approve_content(
            actor=self.director.subject,
            campaign_id=campaign,
            content_sha256=content_sha256 or shown.content_sha256,
            connection=self.connection,
        )

    def grant(self, person: Person, **changes: Any) -> UUID:
        given: dict[str, Any] = {
            "actor": person.subject,
            "contact_id": person.contact,
            "contact_version": person.version,
            "notice_id": NOTICE,
            "capture": "portal",
        } | changes
        return school.give_consent(
            subject=person.subject, purpose=PURPOSE, channel="email", connection=self.connection, **given
        )

    def expand(self, campaign: UUID) -> Expansion:
        return school.expand(campaign, connection=self.connection)

    def envelopes_of(self, campaign: UUID) -> list[UUID]:
        rows = school.envelopes(limit=1000, connection=self.connection)
        return [row.envelope_id for row in rows if row.campaign_id == campaign and row.state == "queued"]

    def leaves(self, stream: str) -> list[Any]:
        return school.ledger(stream=stream, max_leaves=10_000, connection=self.connection)


@dataclass
class Offer:
    """An offer that would reach one guardian if it were claimed now."""

    school: School
    guardian: Person
    campaign: UUID
    envelope: UUID


def contact_row(person: Person) -> dict[str, object]:
    return {
        "contact_id": person.contact,
        "subject_id": person.subject,
        "channel": "email",
        "version": person.version,
        "sealed": base64.b64encode(b"sealed address").decode(),
        "address_hash": person.address_hash.hex(),
        "verified_at": "2026-01-01T00:00:00Z" if person.verified else None,
        "provenance": "self",
        "is_active": person.reachable,
    }


def register_school(gate: Gate, *, live: bool = True) -> School:
    """As the provisioner does it, then the director's and the chair's records, then the opening."""
    identity = uuid4()
    role = f"school_{identity.hex}"
    name = f"SP Brzozowa {identity.hex[:8]}"
    owner = gate.session("zgoda_owner")
    with owner.transaction():
        owner.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        owner.execute(sql.SQL("GRANT gate_school TO {} WITH INHERIT TRUE").format(sql.Identifier(role)))
        owner.execute(sql.SQL("GRANT {} TO app_school WITH INHERIT FALSE, SET TRUE").format(sql.Identifier(role)))
        register.register_school(
            school_id=identity,
            role_name=role,
            names={"pl": name},
            country="PL",
            languages=["pl"],
            time_zone="Europe/Warsaw",
            connection=owner,
        )
    connection = gate.fresh("app_school")
    connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    director = Person(uuid4(), ["director"], uuid4())
    chair = Person(uuid4(), ["council_chair"], uuid4())
    made = School(gate, identity, name, director, chair, connection)
    made.put(director, chair)
    if live:
        school.go_live(actor=director.subject, connection=connection)
    return made


def offer_at(made: School, guardians: Sequence[Person] = (), **campaign: Any) -> Offer:
    """Both keys turned: the school authorised, the guardians said yes, the director approved, the school expanded."""
    made.authorise()
    made.resolve()
    reached = [*guardians] or [made.guardian()]
    for person in reached:
        made.grant(person)
    proposed = made.gate.propose(made, **campaign)
    made.approve(proposed)
    made.expand(proposed)
    return Offer(made, reached[0], proposed, made.envelopes_of(proposed)[-1])
