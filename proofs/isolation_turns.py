"""What one visit to a school does in the load: reads and writes, and the ways in which they go wrong."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import DatabaseError, InterfaceError, ProgrammingError, connection, transaction

from tenants.backend.task import HEADER
from tenants.people.models import SchoolSession, User
from tenants.schools.models import School

LATER = datetime(2030, 1, 1, tzinfo=UTC)


class RandomTrouble(Exception):
    """An exception of the application, thrown anywhere."""


# What a school's process has to bear: cancelled statements, lost connections, refused commits, its own bugs. The
# driver's own error is among them: Django does not translate what the closing of a cursor says.
EXPECTED_ERRORS = (RandomTrouble, DatabaseError, InterfaceError, psycopg.Error)


@dataclass(frozen=True, slots=True)
class Expected:
    """The school that this thread is in by its own account."""

    school: School

    @property
    def id(self) -> str:
        return str(self.school.id)


@dataclass(slots=True)
class Look:
    """Counts what was read and written, and what of it was another school's."""

    is_school_role: bool
    reads: int = 0
    writes: int = 0
    jobs: int = 0
    wrong: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def operations(self) -> int:
        return self.reads + self.writes

    def judge(self, where: str, expected: str, seen: object) -> None:
        """One read; every value in `seen` must be the expected one."""
        self.reads += 1
        values = seen if isinstance(seen, list) else [seen]
        if strange := [value for value in values if value != expected]:
            self.wrong += 1
            self.examples.append(f"{where}: in {expected} saw {strange[:2]}")


class Visitor:
    """One thread's hands: every method is one operation or a small story of some."""

    def __init__(
        self,
        number: int,
        chance: random.Random,
        look: Look,
        schools: list[School],
        entering: Callable[[School], AbstractContextManager[Any]],
        job: Any,
    ) -> None:
        self.number = number
        self.chance = chance
        self.look = look
        self.schools = schools
        self.entering = entering
        self.job = job
        self.made = 0

    # -- single operations

    def read(self, at: Expected) -> None:
        chosen = self.chance.randrange(6)
        if chosen == 0:
            self.look.judge("rows", at.id, list(User.objects.values_list("family_name", flat=True)[:20]))
        elif chosen == 1:
            self.look.judge("one", at.id, User.objects.get(username=f"seed-{self.chance.randrange(12)}").family_name)
        elif chosen == 2:
            self.look.judge("sessions", at.id, list(SchoolSession.objects.values_list("session_data", flat=True)[:20]))
        elif chosen == 3:
            self.look.judge("others", at.id, list(User.objects.exclude(family_name=at.id).values_list("id")) or at.id)
        elif chosen == 4:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_schema(), current_setting('role')")
                schema, role = cursor.fetchone()
            self.look.judge("path", at.school.schema_name, schema)
            if self.look.is_school_role:
                self.look.judge("role", at.school.schema_name, role)
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT family_name FROM people_user WHERE username LIKE %s", ["seed-%"])
                self.look.judge("raw", at.id, [value for (value,) in cursor.fetchall()])

    def write(self, at: Expected) -> None:
        chosen = self.chance.randrange(4)
        if chosen == 0:
            SchoolSession.objects.filter(session_key__startswith=f"{self.number}-").delete()
        elif chosen == 1:
            # blind: in the wrong school it would leave its mark on somebody else's row
            User.objects.filter(username=f"seed-{self.chance.randrange(12)}").update(given_name=at.id)
        else:
            self.made += 1
            SchoolSession.objects.create(
                session_key=f"{self.number}-{self.made}", session_data=at.id, expire_date=LATER
            )
        self.look.writes += 1

    def some(self, at: Expected) -> None:
        for _ in range(self.chance.randint(1, 3)):
            (self.write if self.chance.random() < 0.4 else self.read)(at)

    def trouble(self, at: Expected) -> None:
        """Something that fails in the database or in the application."""
        chosen = self.chance.randrange(5)
        if chosen == 0:
            raise RandomTrouble
        statement = (
            "SELECT 1 / 0",
            "SELECT * FROM people_nobody",
            f"INSERT INTO people_user SELECT * FROM people_user WHERE username = 'seed-{self.chance.randrange(12)}'",
            "SELECT set_config('statement_timeout', '5', true); SELECT pg_sleep(1)",
        )[chosen - 1]
        with connection.cursor() as cursor:
            cursor.execute(statement)

    def elsewhere(self, at: Expected) -> School:
        return self.chance.choice([school for school in self.schools if school.id != at.school.id])

    def look_outside(self, chance: random.Random) -> None:
        """Out of every school nothing of any school can be read."""
        if chance.random() < 0.1:
            with suppress(ProgrammingError):
                self.look.judge("outside", "no school", list(User.objects.values_list("family_name", flat=True)[:1]))

    # -- stories

    def calm(self, at: Expected) -> None:
        self.some(at)

    def in_a_transaction(self, at: Expected) -> None:
        with transaction.atomic():
            self.some(at)
        self.read(at)

    def fails_in_a_transaction(self, at: Expected) -> None:
        with suppress(RandomTrouble, DatabaseError), transaction.atomic():
            self.some(at)
            self.trouble(at)
        self.some(at)

    def fails_in_a_savepoint(self, at: Expected) -> None:
        with transaction.atomic():
            if self.chance.random() < 0.5:
                self.read(at)
            with suppress(RandomTrouble, DatabaseError), transaction.atomic():
                self.some(at)
                self.trouble(at)
            self.some(at)
        self.read(at)

    def fails_without_a_transaction(self, at: Expected) -> None:
        with suppress(RandomTrouble, DatabaseError):
            self.trouble(at)
        self.some(at)

    def swallows_an_error(self, at: Expected) -> None:
        """The commonest mistake: an error caught inside atomic, and then on as if nothing had been."""
        with suppress(DatabaseError), transaction.atomic():
            if self.chance.random() < 0.3:
                self.write(at)
            with suppress(RandomTrouble, DatabaseError):
                self.trouble(at)
            if self.chance.random() < 0.3:
                with suppress(DatabaseError):
                    self.write(at)
        self.some(at)

    def visits_another(self, at: Expected) -> None:
        self.read(at)
        with self.entering(other := self.elsewhere(at)):
            self.some(Expected(other))
        self.some(at)

    def visits_another_and_fails(self, at: Expected) -> None:
        self.read(at)
        with suppress(RandomTrouble, DatabaseError), self.entering(other := self.elsewhere(at)), transaction.atomic():
            self.some(Expected(other))
            self.trouble(Expected(other))
        self.some(at)

    def visits_another_in_its_transaction(self, at: Expected) -> None:
        with suppress(RandomTrouble), transaction.atomic():
            self.some(at)
            there = self.elsewhere(at)
            with suppress(RandomTrouble, DatabaseError), transaction.atomic(), self.entering(there):
                self.some(Expected(there))
                if self.chance.random() < 0.5:
                    self.trouble(Expected(there))
            self.some(at)
            if self.chance.random() < 0.3:
                raise RandomTrouble
        self.read(at)

    def reads_on_commit(self, at: Expected) -> None:
        with transaction.atomic():
            self.write(at)
            transaction.on_commit(lambda: self.some(at))

    def reads_slowly(self, at: Expected) -> None:
        """A server-side cursor of this school stays open while the thread visits another."""
        people = User.objects.values_list("family_name", flat=True).iterator(chunk_size=2)
        self.look.judge("slowly", at.id, [next(people)])
        with self.entering(other := self.elsewhere(at)):
            self.read(Expected(other))
        self.look.judge("slowly", at.id, list(people))

    def loses_its_connection(self, at: Expected) -> None:
        self.read(at)
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        connection.close()
        self.some(at)

    def runs_a_job(self, at: Expected) -> None:
        """In its own school by default, in another by its header; afterwards the thread is where it was."""
        of = at.school if self.chance.random() < 0.5 else self.elsewhere(at)
        headers = {} if of is at.school else {HEADER: str(of.id)}
        done = self.job.apply(kwargs={"school": str(of.id)}, headers=headers)
        if isinstance(done.result, Exception):
            raise done.result
        self.look.jobs += 1
        self.look.judge("job", str(of.id), done.result)
        self.read(at)


TURNS: dict[str, Callable[[Visitor, Expected], None]] = {
    story.__name__: story
    for story in (
        Visitor.calm,
        Visitor.in_a_transaction,
        Visitor.fails_in_a_transaction,
        Visitor.fails_in_a_savepoint,
        Visitor.fails_without_a_transaction,
        Visitor.swallows_an_error,
        Visitor.visits_another,
        Visitor.visits_another_and_fails,
        Visitor.visits_another_in_its_transaction,
        Visitor.reads_on_commit,
        Visitor.reads_slowly,
        Visitor.loses_its_connection,
        Visitor.runs_a_job,
    )
}
