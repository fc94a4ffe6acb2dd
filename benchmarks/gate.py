"""Claims per second and what a revocation costs meanwhile: dispatchers, batches, schools, an idle snapshot."""

import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from benchmarks.gate_world import DATABASE, Place, claimable, install, make_place
from benchmarks.report import Table, met
from local.keys import SUPERUSER
from local.places import temporary_state
from local.postgres import Cluster

BATCH = 50
READERS = 12_000  # guardians at each school; one campaign gives as many envelopes
ONE_BY_ONE_AT_LEAST = 1_500
BATCHED_AT_LEAST = 5_000
REVOKE_P99_AT_MOST = 50.0
LOST_AT_MOST = 20.0
CLAIMS = {1: 4_000, BATCH: 24_000}
REVOCATIONS = 120
PAUSE_BETWEEN_REVOCATIONS = 0.02
# Alternated, because a machine that others use drifts.
IDLE_ROUNDS = 3

# Processes, not threads: the interpreter's lock would be measured instead.
_processes = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Rate:
    """Claims of one run, and what revocations took meanwhile, in milliseconds."""

    per_second: float
    revocations: list[float]

    def median(self) -> float:
        return statistics.median(self.revocations)

    def p99(self) -> float:
        ordered = sorted(self.revocations)
        return ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]


def measure() -> list[Table]:
    with temporary_state() as state, Cluster(state) as cluster:
        install(cluster)
        with psycopg.connect(cluster.conninfo(SUPERUSER, DATABASE), autocommit=True) as superuser:
            places = [make_place(cluster, superuser, READERS) for _ in range(4)]
            return [
                _claims(cluster, superuser, places),
                _idle_snapshot(cluster, superuser, places[0]),
                _disk(state),
            ]


def _claims(cluster: Cluster, superuser: psycopg.Connection, places: list[Place]) -> Table:
    rows: list[tuple[object, ...]] = []
    for schools in (1, 4):
        for dispatchers in (1, 3):
            for batch in (1, BATCH):
                chosen = places[:schools]
                undisturbed = _run(cluster, superuser, chosen, dispatchers, batch)
                revoked = _run(cluster, superuser, chosen, dispatchers, batch, revoking=True)
                goal, holds = _goal(schools, dispatchers, batch, undisturbed, revoked)
                how = "one by one" if batch == 1 else f"{batch} at a time"
                rows.append(
                    (schools, dispatchers, how, undisturbed.per_second, revoked.median(), revoked.p99(), goal, holds)
                )
    return Table(
        "Claims and revocations",
        ("schools", "dispatchers", "claims", "per second", "revoke median ms", "revoke p99 ms", "goal", ""),
        rows,
        [
            "Each claim locks the school, decides by all rules, writes decision, leaf and envelope, and is flushed to"
            f" disk; {REVOCATIONS} revocations a row, each followed by a new authorisation, in a run of their own.",
        ],
    )


def _goal(schools: int, dispatchers: int, batch: int, undisturbed: Rate, revoked: Rate) -> tuple[str, str]:
    match schools, dispatchers, batch:
        case 1, 1, 1:
            return f"≥ {ONE_BY_ONE_AT_LEAST:,}/s", met(undisturbed.per_second >= ONE_BY_ONE_AT_LEAST)
        case 1, 1, _:
            return f"≥ {BATCHED_AT_LEAST:,}/s", met(undisturbed.per_second >= BATCHED_AT_LEAST)
        case 1, 3, n if n > 1:
            return f"p99 < {REVOKE_P99_AT_MOST:.0f} ms", met(revoked.p99() < REVOKE_P99_AT_MOST)
    return "", ""


def _idle_snapshot(cluster: Cluster, superuser: psycopg.Connection, place: Place) -> Table:
    """A snapshot left open keeps every old row version: what a head row updated per leaf would suffer from."""
    free: list[float] = []
    under: list[float] = []
    for _ in range(IDLE_ROUNDS):
        free.append(_run(cluster, superuser, [place], 1, BATCH).per_second)
        with _snapshot(cluster):
            under.append(_run(cluster, superuser, [place], 1, BATCH).per_second)
    lost = 100 * (1 - statistics.median(under) / statistics.median(free))
    return Table(
        "One idle open snapshot, one dispatcher, 50 at a time",
        ("without, per second", "with, per second", "lost", "goal", ""),
        [
            (
                statistics.median(free),
                statistics.median(under),
                f"{lost:.0f} %",
                f"≤ {LOST_AT_MOST:.0f} %",
                met(lost <= LOST_AT_MOST),
            )
        ],
    )


@contextmanager
def _snapshot(cluster: Cluster) -> Iterator[None]:
    with psycopg.connect(cluster.conninfo(SUPERUSER, DATABASE)) as idle:
        idle.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        idle.execute("SELECT count(*) FROM consent.school")
        yield
        idle.rollback()


def _disk(state: Path) -> Table:
    """One 8 kB block and a flush, as a commit does it, on the disk that holds the cluster's state."""
    times = []
    path = state / "flush"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(300):
        os.pwrite(descriptor, bytes(8192), 0)
        began = time.perf_counter()
        os.fdatasync(descriptor)
        times.append((time.perf_counter() - began) * 1000)
    os.close(descriptor)
    path.unlink()
    ordered = sorted(times)
    return Table(
        "The disk's flush, beside",
        ("median ms", "p99 ms"),
        [(statistics.median(times), ordered[int(0.99 * len(ordered))])],
    )


def _run(
    cluster: Cluster,
    superuser: psycopg.Connection,
    places: list[Place],
    dispatchers: int,
    batch: int,
    revoking: bool = False,
) -> Rate:
    """Claim what was just queued; while revoking, until the revocations are done."""
    wanted = CLAIMS[batch] * (3 if revoking else 1)
    campaigns = -(-wanted // (READERS * len(places)))
    ids = {place.school_id: claimable(superuser, place, campaigns, wanted // len(places)) for place in places}
    superuser.execute("CHECKPOINT")
    # A dispatcher's batch belongs to one school; dispatchers take turns among the schools.
    batches = [part[at : at + batch] for part in ids.values() for at in range(0, len(part), batch)]
    if len(places) > 1:
        batches = [
            batches[at]
            for start in range(len(batches) // len(places))
            for at in range(start, len(batches), len(batches) // len(places))
        ]
    go, stop = _processes.Event(), _processes.Event()
    results: Any = _processes.Queue()
    workers = [
        _processes.Process(
            target=_dispatch,
            args=(cluster.conninfo("app_dispatch", DATABASE), batches[n::dispatchers], go, stop, results),
        )
        for n in range(dispatchers)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        results.get()  # connected
    began = time.perf_counter()
    go.set()
    revocations = _revoke(cluster, places[0], stop) if revoking else []
    claimed = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    took = max(ended for _, ended in claimed) - began
    return Rate(sum(count for count, _ in claimed) / took, revocations)


def _dispatch(conninfo: str, batches: list[list[UUID]], go: Event, stop: Event, results: Any) -> None:
    """One dispatcher: claims batch after batch, each in a transaction of its own."""
    claimed = 0
    with psycopg.connect(conninfo, autocommit=True, prepare_threshold=1) as connection:
        connection.execute("SELECT * FROM consent.claim('{}')")
        results.put("ready")
        go.wait()
        for ids in batches:
            if stop.is_set():
                break
            claimed += len(connection.execute("SELECT envelope_id, verdict FROM consent.claim(%s)", [ids]).fetchall())
    results.put((claimed, time.perf_counter()))


def _revoke(cluster: Cluster, place: Place, stop: Event) -> list[float]:
    """Revoke and authorise again, over and over; milliseconds of each revocation as the director waits for it."""
    times = []
    with psycopg.connect(cluster.conninfo("app_school", DATABASE), autocommit=True) as director:
        director.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(place.role)))
        time.sleep(0.1)
        for _ in range(REVOCATIONS):
            began = time.perf_counter()
            director.execute("SELECT * FROM consent.revoke(%s, 'benchmark')", [place.director])
            times.append((time.perf_counter() - began) * 1000)
            place.authorise(director)
            time.sleep(PAUSE_BETWEEN_REVOCATIONS)
    stop.set()
    return times
