"""The gate as its attackers meet it: real logins with their own passwords, raw SQL, a look at all that is stored."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from local.keys import SUPERUSER
from local.postgres import Cluster

DATABASE = "zgoda"
INSUFFICIENT_PRIVILEGE = "42501"
PURPOSE, PRODUCT = "vendor_offers", "plus"
NOTICE = "0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01"  # the English text, seeded with the gate

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class School:
    """One school and its cast. Nobody else's ids work here."""

    id: UUID
    role: str
    director: UUID
    chair: UUID
    guardian: UUID
    contact: UUID

    @property
    def address_hash(self) -> bytes:
        return hashlib.sha256(f"address of {self.guardian}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Gate:
    cluster: Cluster

    @contextmanager
    def login(self, name: str, **options: Any) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.cluster.conninfo(name, DATABASE), autocommit=True, **options) as connection:
            yield connection

    @contextmanager
    def acting_for(self, school: School) -> Iterator[psycopg.Connection]:
        with self.login("app_school") as connection:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(school.role)))
            yield connection

    def ask(self, login: str, query: str, *params: Any) -> list[Row]:
        with self.login(login) as connection:
            return rows(connection, query, *params)

    def ask_for(self, school: School, query: str, *params: Any) -> list[Row]:
        with self.acting_for(school) as connection:
            return rows(connection, query, *params)

    def inspect(self, query: str, *params: Any) -> list[Row]:
        """What is really stored, as the superuser sees it; never used to attack."""
        return self.ask(SUPERUSER, query, *params)

    def tables(self) -> list[str]:
        found = self.inspect(
            "SELECT relname FROM pg_class WHERE relnamespace = 'consent'::regnamespace AND relkind = 'r' ORDER BY 1"
        )
        return [f"consent.{name}" for (name,) in found]

    def fingerprint(self) -> dict[str, str]:
        """Every row of the gate and everything that guards it."""
        with self.login(SUPERUSER) as connection:
            prints = {
                table: rows(
                    connection, f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {table} t"
                )[0][0]
                for table in self.tables()
            }
            for name, query in _GUARDS.items():
                prints[name] = rows(
                    connection, f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM ({query}) t"
                )[0][0]
        return prints

    # -- acts of the cast, each with the login that really does it

    def register_school(self, name: str = "SP Brzozowa", *, live: bool = True) -> School:
        identity = uuid4()
        school = School(identity, f"school_{identity.hex}", uuid4(), uuid4(), uuid4(), uuid4())
        with self.login("zgoda_owner") as owner, owner.transaction():
            role = sql.Identifier(school.role)
            owner.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
            owner.execute(sql.SQL("GRANT gate_school TO {} WITH INHERIT TRUE, SET FALSE").format(role))
            owner.execute(sql.SQL("GRANT {} TO app_school WITH INHERIT FALSE, SET TRUE").format(role))
            owner.execute(sql.SQL("CREATE SCHEMA {}").format(role))
            owner.execute(sql.SQL("GRANT USAGE ON SCHEMA {0} TO {0}").format(role))
            owner.execute(sql.SQL("CREATE TABLE {}.diary (entry text)").format(role))
            owner.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {0}.diary TO {0}").format(role))
            owner.execute(sql.SQL("INSERT INTO {}.diary VALUES ('private')").format(role))
            owner.execute(
                "SELECT consent.register_school(%s, %s, %s, 'PL', ARRAY['pl'], 'Europe/Warsaw')",
                [school.id, school.role, Jsonb({"pl": f"{name} {identity.hex[:8]}"})],
            )
        roles = ((school.director, "director"), (school.chair, "council_chair"), (school.guardian, "guardian"))
        people = [
            {"subject_id": str(person), "roles": [role], "is_adult": True, "is_active": True, "language": "pl"}
            for person, role in roles
        ]
        self.ask_for(school, "SELECT consent.put_subjects(%s)", Jsonb(people))
        self.put_contact(school)
        if live:
            self.ask_for(school, "SELECT consent.go_live(%s)", school.director)
        return school

    def put_contact(self, school: School, **changes: Any) -> None:
        contact = {
            "contact_id": str(school.contact),
            "subject_id": str(school.guardian),
            "channel": "email",
            "version": 1,
            "sealed": "c2VhbGVk",
            "address_hash": school.address_hash.hex(),
            "verified_at": "2026-01-01T00:00:00Z",
            "provenance": "self",
            "is_active": True,
        }
        self.ask_for(school, "SELECT consent.put_contacts(%s)", Jsonb([contact | changes]))

    def record_resolution(self, school: School, actor: UUID, outcome: str = "positive") -> UUID:
        query = "SELECT consent.record_resolution(%s, %s, current_date, 9, 1, 0, %s, %s)"
        return UUID(str(self.ask_for(school, query, actor, outcome, [PURPOSE], [PRODUCT])[0][0]))

    def authorise(self, school: School) -> None:
        resolution = self.record_resolution(school, school.director)
        self.ask_for(school, "SELECT consent.confirm_resolution(%s, %s)", school.chair, resolution)
        query = "SELECT consent.authorise(%s, %s, %s, ARRAY['email'], 'guardians', NULL, NULL)"
        self.ask_for(school, query, school.director, [PURPOSE], [PRODUCT])

    def give_consent(self, school: School) -> None:
        query = "SELECT consent.give_consent(%s, %s, %s, 'email', %s, 1, %s, 'portal')"
        self.ask_for(school, query, school.guardian, school.guardian, PURPOSE, school.contact, NOTICE)

    def campaign(self, *schools: School, **changes: Any) -> dict[str, Any]:
        text = {"subject": "Offer", "body": "Packages"}
        return {
            "sender": "zgoda-offers",
            "purpose": PURPOSE,
            "product": PRODUCT,
            "channels": ["email"],
            "audience": "guardians",
            "not_before": None,
            "expires_at": "2027-08-01T00:00:00Z",
            "texts": {"email": {"pl": text, "en": text}},
            "targets": {"countries": ["PL"], "schools": [str(school.id) for school in schools]},
        } | changes

    def propose(self, *schools: School, **changes: Any) -> UUID:
        campaign = Jsonb(self.campaign(*schools, **changes))
        campaign_id = self.ask("app_vendor", "SELECT consent.propose(%s)", campaign)[0][0]
        self.ask("app_keeper", "SELECT consent.judge(1000)")
        return UUID(str(campaign_id))

    def approve(self, school: School, campaign: UUID) -> None:
        content = self.inspect("SELECT content_sha256 FROM consent.campaign_text WHERE campaign_id = %s", campaign)[0][
            0
        ]
        self.ask_for(school, "SELECT consent.approve_content(%s, %s, %s)", school.director, campaign, content)

    def expand(self, school: School, campaign: UUID) -> Row:
        return self.ask_for(school, "SELECT verdict, code, queued, suppressed FROM consent.expand(%s)", campaign)[0]

    def queued_offer(self, school: School) -> UUID:
        """An offer to the school's guardian that everybody has agreed to and nobody has claimed yet."""
        self.authorise(school)
        self.give_consent(school)
        campaign = self.propose(school)
        self.approve(school, campaign)
        assert self.expand(school, campaign) == ("ALLOW", None, 1, 0)
        query = (
            "SELECT envelope_id FROM consent.envelope WHERE school_id = %s AND campaign_id = %s AND state = 'queued'"
        )
        return UUID(str(self.inspect(query, school.id, campaign)[0][0]))

    def claim(self, envelope: UUID) -> Row:
        query = "SELECT verdict, code FROM consent.claim(ARRAY[%s]::uuid[])"
        return self.ask("app_dispatch", query, envelope)[0]

    def take(self, envelope: UUID) -> str:
        """Take a claimed message as the dispatcher does, and get the token that its links carry."""
        return str(self.ask("app_dispatch", "SELECT token FROM consent.take(ARRAY[%s]::uuid[])", envelope)[0][0])


_GUARDS = {
    "functions": "SELECT oid, proname, proowner, prosecdef, prosrc, proconfig, proacl FROM pg_proc"
    " WHERE pronamespace = 'consent'::regnamespace",
    "triggers": "SELECT tgname, tgrelid, tgenabled, tgfoid FROM pg_trigger",
    "relations": "SELECT oid, relname, relowner, relacl, relrowsecurity FROM pg_class"
    " WHERE relnamespace = 'consent'::regnamespace",
    "roles": "SELECT * FROM pg_roles",
    "memberships": "SELECT roleid, member, admin_option, inherit_option, set_option FROM pg_auth_members",
    "schemas": "SELECT nspname, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'",
}


def rows(connection: psycopg.Connection, query: str, *params: Any) -> list[Row]:
    cursor = connection.execute(query.encode(), params or None)
    return cursor.fetchall() if cursor.description else []


def refusal(connection: psycopg.Connection, query: str, *params: Any) -> str:
    """The SQLSTATE of PostgreSQL's refusal, or nothing. What is not refused is committed, and shows."""
    try:
        with connection.transaction():
            connection.execute(query.encode(), params or None)
    except psycopg.Error as error:
        return error.sqlstate or "without a state"
    return ""
