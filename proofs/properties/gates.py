"""Gates to prove things on: one cluster, a template with registered schools, databases copied from it, real logins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg import sql

import opt_in.gate
from local.keys import LOGINS, SUPERUSER
from local.postgres import Cluster
from opt_in.gate import register
from opt_in.gate.bootstrap import bootstrap, install

CLOCK = Path(opt_in.gate.__file__).with_name("testing") / "clock.sql"
TEMPLATE = "proof_template"
POOL = 60
NO_EXIT = "quiet-offers"
_NAMESPACE = UUID("4a1d7a5c-2f0e-4a53-9a0f-6d3a3b6f0c11")
_PLACES = (("PL", "Europe/Warsaw", "Brzozowa"), ("SI", "Europe/Ljubljana", "Lipa"), ("UA", "Europe/Kyiv", "Sosna"))

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Registered:
    """A school as the provisioner registered it; nobody has acted for it yet."""

    id: UUID
    role: str
    name: str
    country: str
    zone: str


def registered(number: int) -> Registered:
    identity = uuid5(_NAMESPACE, str(number))
    country, zone, word = _PLACES[number % len(_PLACES)]
    return Registered(identity, f"school_{identity.hex}", f"{word} {number:03d}", country, zone)


@dataclass(slots=True)
class Gate:
    """One database with a gate and a session of each login."""

    cluster: Cluster
    database: str
    sessions: dict[str, Connection] = field(default_factory=dict)
    used: int = 0
    ahead: timedelta = timedelta(0)

    def session(self, login: str) -> Connection:
        if login not in self.sessions:
            self.sessions[login] = self.fresh(login)
        return self.sessions[login]

    def fresh(self, login: str) -> Connection:
        return psycopg.connect(self.cluster.conninfo(login, self.database), autocommit=True)

    def acting_for(self, role: str) -> Connection:
        connection = self.session("app_school")
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        return connection

    @property
    def superuser(self) -> Connection:
        return self.session(SUPERUSER)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def set_clock(self, ahead: timedelta) -> None:
        self.superuser.execute("UPDATE consent_test.clock SET ahead = %s", [ahead])
        self.ahead = ahead

    def schools(self, count: int) -> list[Registered]:
        """Schools that no story has used yet."""
        start, self.used = self.used, self.used + count
        return [registered(number) for number in range(start, self.used)]

    def has_schools(self, count: int) -> bool:
        return self.used + count <= POOL

    def close(self) -> None:
        for connection in self.sessions.values():
            connection.close()
        self.sessions.clear()


@dataclass(slots=True)
class Gates:
    """Makes gates, each in a database of its own, the true one or a broken one."""

    cluster: Cluster
    made: int = 0

    @contextmanager
    def gate(self, sql_folder: Path | None = None) -> Iterator[Gate]:
        """`sql_folder` holds another gate's files; its functions take the place of the true ones."""
        self.made += 1
        gate = Gate(self.cluster, f"proof_{self.made}")
        with psycopg.connect(self.cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {gate.database} TEMPLATE {TEMPLATE}".encode())
            connection.execute(f"REVOKE ALL ON DATABASE {gate.database} FROM PUBLIC".encode())
            connection.execute(f"GRANT CREATE, TEMPORARY ON DATABASE {gate.database} TO zgoda_owner".encode())
            for login in LOGINS:
                connection.execute(f"GRANT CONNECT ON DATABASE {gate.database} TO {login}".encode())
            try:
                if sql_folder is not None:
                    with psycopg.connect(self.cluster.conninfo(SUPERUSER, gate.database)) as inside:
                        install(inside, sql_folder)
                yield gate
            finally:
                gate.close()
                connection.execute(f"DROP DATABASE {gate.database} WITH (FORCE)".encode())


def let_the_clock_be_set(gate: Gate) -> None:
    """From here on the self-check refuses this database, as it should."""
    gate.superuser.execute(CLOCK.read_bytes())


@contextmanager
def gates() -> Iterator[Gates]:
    with Cluster.temporary(durable=False) as cluster:
        passwords = {login: cluster.password_of(login) for login in LOGINS}
        bootstrap(cluster.conninfo(SUPERUSER, "postgres"), passwords, TEMPLATE)
        with psycopg.connect(cluster.conninfo("zgoda_owner", TEMPLATE)) as owner:
            for number in range(POOL):
                _register(owner, registered(number))
            register.register_sender(
                sender_id=NO_EXIT,
                display_name="Quiet offers",
                address="quiet@zgoda.example",
                has_one_click=False,
                has_stop_word=False,
                connection=owner,
            )
        with psycopg.connect(cluster.conninfo(SUPERUSER, TEMPLATE)) as superuser:
            # a text that is no longer approved: the release that brings a new one supersedes the old one
            superuser.execute(
                "INSERT INTO consent.notice SELECT %s, purpose, 'xx', 1, body, approved_at, now() FROM consent.notice "
                "WHERE language = 'en'",
                [OLD_NOTICE],
            )
        yield Gates(cluster)


NOTICE = UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01")
OLD_NOTICE = UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1eff")


def _register(owner: Connection, school: Registered) -> None:
    role = sql.Identifier(school.role)
    owner.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
    owner.execute(sql.SQL("GRANT gate_school TO {} WITH INHERIT TRUE, SET FALSE").format(role))
    owner.execute(sql.SQL("GRANT {} TO app_school WITH INHERIT FALSE, SET TRUE").format(role))
    register.register_school(
        school_id=school.id,
        role_name=school.role,
        names={"en": school.name},
        country=school.country,
        languages=["en"],
        time_zone=school.zone,
        connection=owner,
    )
