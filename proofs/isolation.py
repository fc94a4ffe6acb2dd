"""No row of a wrong school, whatever goes wrong: the real backend under load, and two controls that must fail."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from local.keys import SUPERUSER
from local.postgres import Cluster
from proofs.processes import installed_platform, run_process
from proofs.report import Proof

SCHOOLS, THREADS = 20, 16
OPERATIONS, QUICK_OPERATIONS = 200_000, 8_000
CONTROL_OPERATIONS, QUICK_CONTROL_OPERATIONS = 8_000, 1_600


class IsolationBroken(AssertionError):
    """A row of another school was read or written, or a control showed none and the proof is void."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one process of the load saw."""

    reads: int
    writes: int
    jobs: int
    wrong: int
    examples: list[str]
    unexpected: list[str]
    errors: dict[str, int]
    turns: dict[str, int]
    sabotage: dict[str, int]
    seconds: float


def prove(*, seed: int, seconds: float, quick: bool) -> Proof:
    """Raise IsolationBroken unless ours never, and each control at least once, shows a row of a wrong school."""
    began = time.monotonic()
    operations = QUICK_OPERATIONS if quick else OPERATIONS
    control = QUICK_CONTROL_OPERATIONS if quick else CONTROL_OPERATIONS
    with platform_with_schools(SCHOOLS) as cluster:
        ours = run_load(cluster, "context", seed, operations, limit=seconds * 3)
        require_isolated(ours, operations, seed)
        strays = stray_rows(cluster)
        if strays:
            raise IsolationBroken(f"Seed {seed}: written into a wrong school: {strays[:5]}")
        empty_schools(cluster)
        crossings = run_process(cluster, "school", ["python", "-m", "proofs.isolation_crossing"], limit=120)["tried"]
        shared = run_load(cluster, "with", seed, control)
        stock = run_load(cluster, "stock", seed, control)
    require_control_failed("with tenant:", shared)
    require_control_failed("the stock backend", stock)
    return Proof(
        name="isolation",
        sentences=[
            f"{THREADS} threads in {SCHOOLS} schools read and wrote no row of a wrong school.",
            "Every error, cancelled statement, lost connection and swallowed error left the thread in its own school.",
            f"The control `with tenant:` showed {shared.wrong} wrong reads, the stock backend {stock.wrong}.",
            *(f"Not accepted in another school: {what}." for what in crossings),
        ],
        figures={
            "reads": ours.reads,
            "writes": ours.writes,
            "jobs": ours.jobs,
            "wrong rows": ours.wrong,
            "errors survived": sum(ours.errors.values()),
            "cancelled": ours.sabotage.get("cancel", 0),
            "killed": ours.sabotage.get("terminate", 0) + ours.turns["loses_its_connection"],
            "wrong with `with tenant:`": shared.wrong,
            "wrong with the stock backend": stock.wrong,
        },
        seconds=time.monotonic() - began,
    )


def require_isolated(load: Load, operations: int, seed: int) -> None:
    """No wrong row, no error that a school's process need not bear, and the whole work really done."""
    if load.wrong:
        raise IsolationBroken(f"Seed {seed}: {load.wrong} reads of a wrong school, for instance {load.examples}")
    if load.unexpected:
        raise IsolationBroken(f"Seed {seed}: an error that nobody caused: {load.unexpected[0]}")
    if load.reads + load.writes < operations:
        raise IsolationBroken(f"Seed {seed}: only {load.reads + load.writes} of {operations} operations were done.")


def require_control_failed(name: str, load: Load) -> None:
    if not load.wrong:
        raise IsolationBroken(f"The control {name} showed no wrong row, so the load proves nothing.")


@contextmanager
def platform_with_schools(count: int) -> Iterator[Cluster]:
    """The platform and its schools, these too made as the provisioner makes them."""
    with installed_platform() as cluster:
        run_process(cluster, "provision", ["python", "-m", "proofs.isolation_schools", str(count)])
        yield cluster


def run_load(cluster: Cluster, entry: str, seed: int, operations: int, limit: float = 60) -> Load:
    """`entry` is how threads enter a school: context (ours), with (the shared stack) or stock (another backend)."""
    empty_schools(cluster)
    words = ["python", "-m", "proofs.isolation_load", "--entry", entry, "--threads", str(THREADS)]
    words += ["--seed", str(seed), "--operations", str(operations), "--seconds", str(limit)]
    extra = {}
    if entry == "stock":
        # The stock backend takes no role, so its login must own the schools or it would read nothing at all.
        extra = {
            "DJANGO_SETTINGS_MODULE": "proofs.stock_settings",
            "ZGODA_DB_USER": "zgoda_owner",
            "ZGODA_DB_PASSWORD": cluster.password_of("zgoda_owner"),
        }
    return Load(**run_process(cluster, "school", words, extra, limit=limit + 60))


def schemas(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT id::text, schema_name FROM public.schools_school ORDER BY 1").fetchall()


def empty_schools(cluster: Cluster) -> None:
    """Each load begins with schools in which nobody is."""
    with psycopg.connect(cluster.conninfo(SUPERUSER)) as connection:
        for _, schema in schemas(connection):
            connection.execute(sql.SQL("TRUNCATE {}.people_user CASCADE").format(sql.Identifier(schema)))
            connection.execute(sql.SQL("TRUNCATE {}.people_schoolsession").format(sql.Identifier(schema)))


def stray_rows(cluster: Cluster) -> list[str]:
    """Rows that lie in a school and carry another's id, as the superuser sees them."""
    found = []
    query = sql.SQL(
        "SELECT 'person ' || id FROM {schema}.people_user WHERE family_name <> {id} OR given_name <> {id} "
        "UNION ALL SELECT 'session ' || session_key FROM {schema}.people_schoolsession WHERE session_data <> {id}"
    )
    with psycopg.connect(cluster.conninfo(SUPERUSER)) as connection:
        for school_id, schema in schemas(connection):
            rows = connection.execute(query.format(schema=sql.Identifier(schema), id=school_id)).fetchall()
            found += [f"{what} in {school_id}" for (what,) in rows]
    return found
