"""Many threads in many schools at once, with everything going wrong; counts rows of a wrong school.

Run in a process of its own, with the environment of a school's process; prints one line of JSON. Every row carries
the id of its school: people in family_name and given_name, sessions in session_data.
"""

import argparse
import json
import random
import threading
import time
import traceback
from collections import Counter
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_tenants.models import TenantMixin  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from config.celery import app  # noqa: E402
from proofs.isolation_turns import EXPECTED_ERRORS, TURNS, Expected, Look, Visitor  # noqa: E402
from tenants.people.models import User  # noqa: E402
from tenants.schools.models import School  # noqa: E402

PEOPLE = 12


def fill(school: School) -> None:
    """The same user names in every school; only the school's id tells them apart."""
    with tenant_context(school):
        User.objects.bulk_create(
            User(username=f"seed-{n}", given_name=str(school.id), family_name=str(school.id), language="sl")
            for n in range(PEOPLE)
        )


@app.task(name="proofs.look_round")
def look_round(*, school: str, **_: Any) -> list[str]:
    """What a job sees: the school ids of the rows it reads."""
    return [str(value) for value in User.objects.values_list("family_name", flat=True)[:PEOPLE]]


class SharedStack:
    """`with tenant:` as django-tenants makes it, with one stack for all threads. Our School has no such thing."""

    _previous_tenant = TenantMixin._previous_tenant
    __enter__ = TenantMixin.__enter__
    __exit__ = TenantMixin.__exit__
    activate = TenantMixin.activate

    def __init__(self, school: School) -> None:
        self.schema_name = school.schema_name
        self.pk = school.pk


class Thread(threading.Thread):
    """One worker with a plan of its own, decided by seed and number alone."""

    def __init__(self, number: int, chosen: argparse.Namespace, schools: list[School]) -> None:
        super().__init__(name=f"load-{number}", daemon=True)
        self.number = number
        self.chosen = chosen
        self.schools = schools
        self.look = Look(is_school_role=chosen.entry != "stock")
        self.errors: Counter[str] = Counter()
        self.turns: Counter[str] = Counter()
        self.unexpected: list[str] = []

    def run(self) -> None:
        chance = random.Random(f"{self.chosen.seed}:{self.number}")
        visitor = Visitor(self.number, chance, self.look, self.schools, self.entering, look_round)
        try:
            while self.look.operations < self.chosen.operations and not self.unexpected and self._may_go_on():
                self._turn(visitor, chance)
        finally:
            connection.close()

    def _may_go_on(self) -> bool:
        """A control may lose its school for ever, and would then never come to the end of its work."""
        if time.monotonic() > self.chosen.deadline:
            return False
        return self.chosen.entry == "context" or self.turns.total() < int(self.chosen.operations)

    def _turn(self, visitor: Visitor, chance: random.Random) -> None:
        school = chance.choice(self.schools)
        name = chance.choice([*TURNS])
        self.turns[name] += 1
        try:
            with self.entering(school):
                TURNS[name](visitor, Expected(school))
            visitor.look_outside(chance)
        except EXPECTED_ERRORS as error:
            self.errors[type(error).__name__] += 1
        except Exception:
            # In the controls anything may happen; in ours nothing but what a school's process must bear.
            self.errors["unexpected"] += 1
            if self.chosen.entry == "context":
                self.unexpected.append(f"{name}: {traceback.format_exc()}")
        finally:
            # As between two requests: what is broken is closed.
            connection.close_if_unusable_or_obsolete()

    def entering(self, school: School) -> AbstractContextManager[Any]:
        return SharedStack(school) if self.chosen.entry == "with" else tenant_context(school)


class Saboteur(threading.Thread):
    """Cancels statements and ends connections of the load at random, as an administrator or a failover would."""

    def __init__(self, seed: int) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.chance = random.Random(f"{seed}:saboteur")
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        known = settings.DATABASES["default"]
        with psycopg.connect(
            host=known["HOST"], port=known["PORT"], dbname=known["NAME"], user=known["USER"],
            password=known["PASSWORD"], application_name="saboteur", autocommit=True,
        ) as link:  # fmt: skip
            while not self.stopped.wait(self.chance.uniform(0.005, 0.03)):
                rows = link.execute(
                    "SELECT pid FROM pg_stat_activity WHERE usename = current_user"
                    " AND application_name <> 'saboteur' ORDER BY pid"
                ).fetchall()
                if rows:
                    (pid,) = self.chance.choice(rows)
                    act = self.chance.choices(["cancel", "terminate"], [4, 1])[0]
                    link.execute(f"SELECT pg_{act}_backend(%s)", [pid])
                    self.done[act] += 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--operations", type=int, required=True)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60.0, help="after which what is not done stays undone")
    parser.add_argument("--entry", choices=["context", "with", "stock"], required=True)
    chosen = parser.parse_args()
    chosen.operations = -(-chosen.operations // chosen.threads)
    chosen.deadline = time.monotonic() + chosen.seconds
    schools = list(School.objects.order_by("subdomain"))
    for school in schools:
        fill(school)
    saboteur = Saboteur(chosen.seed)
    threads = [Thread(number, chosen, schools) for number in range(chosen.threads)]
    began = timezone.now()
    saboteur.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saboteur.stopped.set()
    saboteur.join()
    print(json.dumps(_summary(threads, saboteur, timezone.now() - began)))


def _summary(threads: list[Thread], saboteur: Saboteur, took: timedelta) -> dict[str, Any]:
    errors: Counter[str] = sum((thread.errors for thread in threads), Counter())
    turns: Counter[str] = sum((thread.turns for thread in threads), Counter())
    looks = [thread.look for thread in threads]
    return {
        "reads": sum(look.reads for look in looks),
        "writes": sum(look.writes for look in looks),
        "jobs": sum(look.jobs for look in looks),
        "wrong": sum(look.wrong for look in looks),
        "examples": [example for look in looks for example in look.examples][:5],
        "unexpected": [text for thread in threads for text in thread.unexpected][:3],
        "errors": dict(errors),
        "turns": dict(turns),
        "sabotage": dict(saboteur.done),
        "seconds": took.total_seconds(),
    }


if __name__ == "__main__":
    main()
