"""A school by prepared SQL against one by migrations, school 200 against school 10, and what an empty one weighs."""

import json
import os
import statistics
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.report import Table, met
from local.environment import environment_for
from local.places import ROOT, temporary_state
from local.postgres import Cluster
from local.run import command_of

SCHOOLS = 205
MIGRATED = 5
UNTOUCHED = f"school_{'f' * 32}"
EARLY, LATE = slice(6, 16), slice(195, 205)

FASTER_AT_LEAST = 10
LATE_AT_MOST = 1.25
SECONDS_AT_MOST = 0.30
RELATIONS_AT_MOST = 6
BYTES_AT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What the provisioner found; seconds in the order of the schools. `beside` alternated with `migrated`."""

    scripted: list[float]
    migrated: list[float]
    beside: list[float]
    tables: int
    relations: int
    bytes: int


def measure() -> list[Table]:
    with temporary_state() as state, Cluster(state):
        for process, words in (("bootstrap", ["manage.py", "bootstrap"]), ("provision", ["python", __file__])):
            output = _run(process, words, state)
        began = time.perf_counter()
        _run("provision", ["manage.py", "migrate_schemas", "--schema", UNTOUCHED, "--verbosity", "0"], state)
        command = time.perf_counter() - began
    return _tables(Measured(**json.loads(output.splitlines()[-1])), command)


def _run(process: str, words: list[str], state: Path) -> str:
    environment = environment_for(process, state) | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    done = subprocess.run(command_of(words), cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


def _tables(found: Measured, command: float) -> list[Table]:
    beside, migrated = statistics.median(found.beside), statistics.median(found.migrated)
    early, late = statistics.median(found.scripted[EARLY]), statistics.median(found.scripted[LATE])
    faster = command / beside
    speed = Table(
        "Provisioning a school",
        ("what", "seconds", "ratio", "goal", ""),
        [
            ("manage.py migrate_schemas, as it is run", f"{command:.2f}", "", "", ""),
            (
                "migrate_schemas inside a running process",
                f"{migrated:.3f}",
                f"the provisioner is {migrated / beside:.1f} times faster",
                f"at least {FASTER_AT_LEAST} times",
                met(migrated / beside >= FASTER_AT_LEAST),
            ),
            (
                "the running provisioner: prepared SQL, role, grants, gate",
                f"{beside:.3f}",
                f"{faster:.0f} times faster than the command",
                f"at least {FASTER_AT_LEAST} times",
                met(faster >= FASTER_AT_LEAST),
            ),
            (
                "its first one, which renders the script",
                f"{found.scripted[0]:.3f}",
                "",
                f"≤ {SECONDS_AT_MOST} s",
                met(found.scripted[0] <= SECONDS_AT_MOST),
            ),
            ("schools 7 to 16", f"{early:.3f}", "1", "", ""),
            (
                "schools 196 to 205",
                f"{late:.3f}",
                f"{late / early:.2f}",
                f"≤ {LATE_AT_MOST}",
                met(late / early <= LATE_AT_MOST),
            ),
        ],
        [
            "Medians, except of the command, which ran once. With few migrations PostgreSQL's own work dominates both"
            " ways; each migration adds to the second row and hardly to the third.",
        ],
    )
    relations, size = found.relations / found.tables, found.bytes / found.tables
    weight = Table(
        "An empty school",
        ("what", "in all", "per table", "goal", ""),
        [
            ("tables", found.tables, "", "", ""),
            (
                "relations (tables, indexes, sequences, TOAST)",
                found.relations,
                f"{relations:.1f}",
                f"≤ {RELATIONS_AT_MOST}",
                met(relations <= RELATIONS_AT_MOST),
            ),
            ("bytes", found.bytes, f"{size:.0f}", f"≤ {BYTES_AT_MOST}", met(size <= BYTES_AT_MOST)),
        ],
    )
    return [speed, weight]


def work() -> Measured:
    """Runs as the provisioner, with its login and nothing more."""
    import django

    django.setup()
    from django.core.management import call_command

    from tenants.backend.current import connection

    scripted = []
    for number in range(SCHOOLS):
        seconds, schema_name = _provision(f"sola-{number}")
        scripted.append(seconds)
    migrated, beside = [], []
    for number in range(MIGRATED):
        schema = f"school_{number:032x}"
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {schema}")
        call_command("migrate_schemas", schema_name=schema, verbosity=0)
        migrated.append(time.perf_counter() - began)
        connection.set_schema_to_public()
        beside.append(_provision(f"beside-{number}")[0])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {UNTOUCHED}")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH its_tables AS (
                SELECT oid, reltoastrelid FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r'
            )
            SELECT (SELECT count(*) FROM its_tables),
                   (SELECT count(*) FROM pg_class
                    WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'i', 'S'))
                   + (SELECT 2 * count(*) FROM its_tables WHERE reltoastrelid <> 0),
                   (SELECT sum(pg_total_relation_size(oid))::bigint FROM its_tables)
            """,
            {"schema": schema_name},
        )
        tables, relations, size = cursor.fetchone()
    return Measured(scripted=scripted, migrated=migrated, beside=beside, tables=tables, relations=relations, bytes=size)


def _provision(subdomain: str) -> tuple[float, str]:
    from tenants.provisioning.school import NewSchool, provision_school
    from tenants.schools.models import Country, Kind

    new = NewSchool(subdomain=subdomain, names={"sl": "OŠ Lipa"}, country=Country.SLOVENIA, kind=Kind.PRIMARY)
    began = time.perf_counter()
    school = provision_school(new=new).school
    return time.perf_counter() - began, school.schema_name


if __name__ == "__main__":
    print(json.dumps(asdict(work())))
