"""A database of its own with the real gate, real logins and one school whose messages can go out."""
# ruff: noqa: RUF001 (Ukrainian is written in its own letters)

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql

from local.keys import LOGINS, SUPERUSER, keys_of
from local.postgres import Cluster
from opt_in.gate import keeper, register, school, vendor
from opt_in.gate.bootstrap import bootstrap

PURPOSE, PRODUCT = "vendor_offers", "plus"
NOTICES = {
    "en": UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01"),
    "sl": UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e02"),
    "pl": UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e03"),
    "uk": UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e04"),
}
TEXTS = {
    "email": {
        "sl": {"subject": "Paket Plus", "body": "Pozdravljeni,\n\nopomniki za vso družino.\n\nLep pozdrav"},
        "pl": {"subject": "Pakiet Plus", "body": "Dzień dobry,\n\nprzypomnienia dla całej rodziny.\n\nZ poważaniem"},
        "uk": {"subject": "Пакет «Плюс»", "body": "Добрий день!\n\nНагадування для родини.\n\nЗ повагою"},
        "en": {"subject": "The Plus package", "body": "Hello,\n\nreminders for the family.\n\nKind regards"},
    }
}
# The vendor's offer by text message: a sender of its own, whose way out is a word.
BY_SMS: dict[str, Any] = {
    "sender": "zgoda-offers-sms",
    "channels": ["sms"],
    "texts": {
        "sms": {
            "sl": {"body": "Paket Plus: opomniki za vso družino."},
            "pl": {"body": "Pakiet Plus: przypomnienia dla rodziny."},
            "uk": {"body": "Пакет «Плюс»: нагадування для родини."},
            "en": {"body": "The Plus package: reminders for the family."},
        }
    },
}


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    contact: UUID
    address: str
    language: str

    @property
    def channel(self) -> str:
        """Whoever has a number is written to by SMS."""
        return "sms" if self.address.startswith("+") else "email"


@dataclass(slots=True)
class World:
    """The school of one test. Every act uses the login that really does it."""

    cluster: Cluster
    database: str
    names: dict[str, str] = field(default_factory=lambda: {"pl": "SP Brzozowa", "en": "Brzozowa School"})
    school_id: UUID = field(default_factory=uuid4)
    director: Person = field(init=False)
    chair: Person = field(init=False)

    @property
    def role(self) -> str:
        return f"school_{self.school_id.hex}"

    @contextmanager
    def login(self, name: str) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.cluster.conninfo(name, self.database), autocommit=True) as connection:
            yield connection

    @contextmanager
    def inside(self) -> Iterator[psycopg.Connection]:
        """As the school's own role, as a school's request is."""
        with self.login("app_school") as connection:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self.role)))
            yield connection

    def stored(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What is really in the database, as the superuser sees it; only for looking and for breaking things."""
        with self.login(SUPERUSER) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def state_of(self, envelope: UUID) -> str:
        return str(self.stored("SELECT state FROM consent.envelope WHERE envelope_id = %s", envelope)[0][0])

    def states(self) -> dict[str, int]:
        """How many vendor's messages are in which state."""
        return dict(
            self.stored("SELECT state, count(*) FROM consent.envelope WHERE class = 'vendor_marketing' GROUP BY 1")
        )

    def seal(self, content: bytes) -> bytes:
        return Fernet(keys_of(self.cluster.state).contact_keys.split(",")[0]).encrypt(content)

    # -- the cast

    def open_school(self, *, live: bool = True) -> None:
        with self.login("zgoda_owner") as owner, owner.transaction():
            role = sql.Identifier(self.role)
            owner.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
            owner.execute(sql.SQL("GRANT gate_school TO {} WITH INHERIT TRUE, SET FALSE").format(role))
            owner.execute(sql.SQL("GRANT {} TO app_school WITH INHERIT FALSE, SET TRUE").format(role))
            register.register_school(
                school_id=self.school_id,
                role_name=self.role,
                names=self.names,
                country="PL",
                languages=["pl", "en"],
                time_zone="Europe/Warsaw",
                connection=owner,
            )
        self.director = self.add_person("director@example.pl", roles=["director"])
        self.chair = self.add_person("chair@example.pl", roles=["council_chair"])
        if live:
            with self.inside() as connection:
                school.go_live(actor=self.director.id, connection=connection)

    def add_person(self, address: str, *, roles: Sequence[str] = ("guardian",), language: str = "pl") -> Person:
        person = Person(uuid4(), uuid4(), address, language)
        secret = bytes.fromhex(keys_of(self.cluster.state).address_hash_key)
        with self.inside() as connection:
            school.put_subjects(
                [
                    {
                        "subject_id": str(person.id),
                        "roles": list(roles),
                        "is_adult": True,
                        "is_active": True,
                        "language": language,
                    }
                ],
                connection=connection,
            )
            school.put_contacts(
                [
                    {
                        "contact_id": str(person.contact),
                        "subject_id": str(person.id),
                        "channel": person.channel,
                        "version": 1,
                        "sealed": base64.b64encode(self.seal(address.encode())).decode(),
                        "address_hash": hmac.new(
                            secret, f"{person.channel}:{address}".encode(), hashlib.sha256
                        ).hexdigest(),
                        "verified_at": "2026-01-01T00:00:00Z",
                        "provenance": "self",
                        "is_active": True,
                    }
                ],
                connection=connection,
            )
        return person

    # -- what gets a message into the outbox

    def queue(
        self, kind: str, person: Person, parameters: dict[str, Any] | bytes, *, content_sha256: bytes | None = None
    ) -> UUID:
        content = parameters if isinstance(parameters, bytes) else json.dumps(parameters).encode()
        sealed = self.seal(content)
        with self.inside() as connection:
            return school.enqueue(
                kind=kind,
                subject=person.id,
                channel=person.channel,
                contact_id=person.contact,
                params=sealed,
                content_sha256=content_sha256 or hashlib.sha256(sealed).digest(),
                connection=connection,
            )

    def queue_message(self, person: Person, subject: str = "Wycieczka", body: str = "Zbiórka o 8.00.") -> UUID:
        return self.queue("school.message", person, {"subject": subject, "body": body})

    def allow_offers(self) -> None:
        """Both keys of the school: the Council's resolution and the director's instruction."""
        with self.inside() as connection:
            resolution = school.record_resolution(
                actor=self.director.id,
                outcome="positive",
                decided_on=datetime.now(UTC).date() - timedelta(days=1),
                votes_for=9,
                votes_against=1,
                votes_abstained=0,
                purposes=[PURPOSE],
                products=[PRODUCT],
                connection=connection,
            )
            school.confirm_resolution(actor=self.chair.id, resolution_id=resolution, connection=connection)
            school.authorise(
                actor=self.director.id,
                purposes=[PURPOSE],
                products=[PRODUCT],
                channels=["email", "sms"],
                connection=connection,
            )

    def consent(self, person: Person) -> None:
        with self.inside() as connection:
            school.give_consent(
                actor=person.id,
                subject=person.id,
                purpose=PURPOSE,
                channel=person.channel,
                contact_id=person.contact,
                contact_version=1,
                notice_id=NOTICES[person.language],
                capture="portal",
                connection=connection,
            )

    def request(self, **changes: object) -> dict[str, Any]:
        """What the vendor asks for: one offer to the guardians of this school."""
        return {
            "sender": "zgoda-offers",
            "purpose": PURPOSE,
            "product": PRODUCT,
            "channels": ["email"],
            "audience": "guardians",
            "not_before": None,
            "expires_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
            "texts": TEXTS,
            "targets": {"countries": ["PL"], "schools": [str(self.school_id)]},
            **changes,
        }

    def propose(self, texts: dict[str, Any] | None = None, **changes: object) -> UUID:
        """The vendor asks and the keeper judges; the director has not answered yet."""
        with self.login("app_vendor") as connection:
            campaign = vendor.propose(self.request(texts=texts or TEXTS, **changes), connection=connection)
        with self.login("app_keeper") as connection:
            keeper.judge(10, connection=connection)
        return campaign

    def approve(self, campaign: UUID) -> None:
        """The director approves what was proposed, and the school's worker expands it."""
        with self.inside() as connection:
            content = school.campaign_content(campaign, connection=connection)
            school.approve_content(
                actor=self.director.id,
                campaign_id=campaign,
                content_sha256=content.content_sha256,
                connection=connection,
            )
            school.expand(campaign, connection=connection)

    def queue_offers(self, people: Sequence[Person]) -> UUID:
        """One vendor's offer, allowed by everybody, waiting for each of these people and nobody else."""
        self.allow_offers()
        for person in people:
            self.consent(person)
        return self.queue_campaign(BY_SMS if people and people[0].channel == "sms" else {})

    def queue_campaign(self, changes: dict[str, Any]) -> UUID:
        """A further offer, which the director approves."""
        campaign = self.propose(**changes)
        self.discard_notices()
        self.approve(campaign)
        return campaign

    def discard_notices(self) -> None:
        """The director's own mails are not what most tests look at."""
        self.stored(
            "UPDATE consent.envelope SET state = 'cancelled', ended_at = clock_timestamp(), params = NULL"
            " WHERE class = 'platform_service' AND state = 'queued'"
        )

    def end_leases(self) -> None:
        """Let the lease of every claim run out, and the keeper notice."""
        self.stored("UPDATE consent.envelope SET lease_until = clock_timestamp() WHERE state = 'claimed'")
        with self.login("app_keeper") as connection:
            keeper.sweep(100, connection=connection)

    def let_retries_be_due(self) -> None:
        self.stored("UPDATE consent.envelope SET next_look_at = clock_timestamp() WHERE state = 'queued'")


@contextmanager
def new_database(cluster: Cluster) -> Iterator[str]:
    """A fresh database with the gate in it; dropped afterwards, whoever is still connected."""
    database = f"delivery_{uuid4().hex[:12]}"
    passwords = {login: cluster.password_of(login) for login in LOGINS}
    bootstrap(cluster.conninfo(SUPERUSER, "postgres"), passwords, database)
    try:
        yield database
    finally:
        with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


def new_world(cluster: Cluster, database: str) -> World:
    """A school that is live, with a director and a chair, and nothing to send."""
    world = World(cluster, database)
    world.open_school()
    world.discard_notices()
    return world
