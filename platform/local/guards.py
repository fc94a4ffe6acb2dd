"""`make guards`: takes each guard of the gate away on a scratch database and shows that the self-check refuses.

Each removal happens in a transaction that is rolled back, so that hundreds of them take seconds.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg

from local.guard_removals import Removal, all_removals
from local.keys import LOGINS, SUPERUSER
from local.postgres import Cluster
from opt_in.gate.bootstrap import bootstrap
from opt_in.gate.errors import GateError
from opt_in.gate.selfcheck import findings

DATABASE = "zgoda"
# The last process before a message leaves has to notice everything, also what concerns other logins.
OBSERVER = "app_dispatch"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the self-check said when one guard was gone."""

    removal: Removal
    refusals: tuple[str, ...]


@contextmanager
def scratch_gate() -> Iterator[psycopg.Connection]:
    """A superuser's connection to a fresh gate with one school, in a cluster that is gone afterwards."""
    with Cluster.temporary(durable=False) as cluster:
        passwords = {login: cluster.password_of(login) for login in LOGINS}
        bootstrap(cluster.conninfo(SUPERUSER, "postgres"), passwords, DATABASE)
        with psycopg.connect(cluster.conninfo("zgoda_owner", DATABASE)) as owner:
            _register_school(owner)
        with psycopg.connect(cluster.conninfo(SUPERUSER, DATABASE)) as superuser:
            yield superuser


def _register_school(owner: psycopg.Connection) -> None:
    """With one school there is a school's role whose rights can go wrong."""
    identity = uuid4()
    role = f"school_{identity.hex}"
    for statement in (
        f"CREATE ROLE {role} NOLOGIN",
        f"GRANT gate_school TO {role} WITH INHERIT TRUE, SET FALSE",
        f"GRANT {role} TO app_school WITH INHERIT FALSE, SET TRUE",
    ):
        owner.execute(statement.encode())
    names = '{"sl": "OŠ Reka"}'
    owner.execute(
        "SELECT consent.register_school(%s, %s, %s, 'SI', ARRAY['sl'], 'Europe/Ljubljana')", [identity, role, names]
    )


def answers(superuser: psycopg.Connection) -> Iterator[Answer]:
    """One answer for each guard, in the order of the catalogue."""
    removals = list(all_removals(superuser))
    superuser.rollback()
    for removal in removals:
        with superuser.transaction(force_rollback=True):
            superuser.execute(removal.statement.encode())
            yield Answer(removal, tuple(refusals_seen_by(superuser, OBSERVER)))


def refusals_seen_by(superuser: psycopg.Connection, login: str) -> list[str]:
    superuser.execute(f"SET LOCAL SESSION AUTHORIZATION {login}".encode())
    try:
        return findings(superuser)
    except (psycopg.Error, GateError) as error:
        # A process that cannot even finish its self-check does not serve either.
        return [f"The self-check cannot be made: {str(error).splitlines()[0]}"]


def main() -> int:
    unnoticed = 0
    with scratch_gate() as superuser:
        for login in LOGINS:
            with superuser.transaction(force_rollback=True):
                for finding in refusals_seen_by(superuser, login):
                    print(f"UNSOUND BEFORE ANYTHING WAS REMOVED ({login}): {finding}")
                    unnoticed += 1
        group, count = "", 0
        for answer in answers(superuser):
            count += 1
            if answer.removal.group != group:
                group = answer.removal.group
                print(f"\n{group.upper()}\n{'guard taken away':<78} refusal of the self-check")
            print(f"{answer.removal.guard:<78} {answer.refusals[0] if answer.refusals else '!! NOTHING !!'}")
            unnoticed += not answer.refusals
    print(f"\n{count} guards taken away one by one: {count - unnoticed} noticed, {unnoticed} not.")
    return 1 if unnoticed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
