"""SQL's decision and Python's explanation agree: verdict, primary code and all codes, in their order.

The worlds are random and biased (proofs/worlds*.py); the moment of the decision is a parameter, so that no clock is
involved. SQL decides many messages of one school at once, as a claim does.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from local.keys import LOGINS, SUPERUSER
from local.postgres import Cluster
from opt_in.explanation.facts import World
from opt_in.explanation.rules import RULES, Rule, Verdict, decide_together
from opt_in.gate.bootstrap import bootstrap
from opt_in.gate.codes import CODES
from proofs.report import Proof
from proofs.worlds import Batch
from proofs.worlds_load import Connection, load, register
from proofs.worlds_people import add_people
from proofs.worlds_school import Dice, make_school

WORLDS, QUICK_WORLDS = 60_000, 6_000
SCHOOLS_AT_ONCE, PEOPLE = 50, 45
DATABASE = "differential"
# Below these the worlds would prove little.
LEAST_ALLOWED, LEAST_OF_A_CODE = 0.10, 0.001


class Disagreement(AssertionError):
    """The first message on which the two differ, with everything that was known about it."""


class TooPoor(AssertionError):
    """The worlds did not reach enough."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch and what SQL said about each of its waiting messages."""

    batch: Batch
    verdicts: dict[object, Verdict]


def prove(*, seed: int, seconds: float, quick: bool) -> Proof:
    """A fixed number of worlds, however long they take, so that the seed alone decides what is tried."""
    began = time.monotonic()
    wanted = QUICK_WORLDS if quick else WORLDS
    found: Counter[str] = Counter()
    worlds = 0
    with scratch_gate() as connection:
        for judged in judged_worlds(connection, seed, wanted):
            compare(judged, seed=seed)
            worlds += len(judged.verdicts)
            for verdict in judged.verdicts.values():
                found.update(set(verdict.codes) or {"ALLOW"})
    require_rich(found, worlds)
    rarest = min(CODES, key=lambda code: found[code])
    return Proof(
        "differential",
        [
            f"SQL and Python agreed on verdict, primary code and all codes in {worlds:,} random worlds.",
            f"{found['ALLOW']:,} of them were allowed; the rarest code, {rarest}, occurred {found[rarest]:,} times.",
        ],
        {"worlds": worlds, "allowed": found["ALLOW"], "of the rarest code": found[rarest]},
        time.monotonic() - began,
    )


@contextmanager
def scratch_gate() -> Iterator[Connection]:
    """A gate of its own that is gone afterwards, and its superuser's session."""
    with Cluster.temporary(durable=False) as cluster:
        secrets = {login: cluster.password_of(login) for login in LOGINS}
        bootstrap(cluster.conninfo(SUPERUSER, "postgres"), secrets, DATABASE)
        with psycopg.connect(cluster.conninfo(SUPERUSER, DATABASE), autocommit=True) as connection:
            register(connection)
            yield connection


def judged_worlds(connection: Connection, seed: int, wanted: int) -> Iterator[Judged]:
    """Makes schools until `wanted` messages have been decided by SQL."""
    dice = Dice(random.Random(f"differential {seed}"))
    decided, schools = 0, 0
    while decided < wanted:
        batches = [make_school(dice) for _ in range(SCHOOLS_AT_ONCE)]
        for batch in batches:
            add_people(dice, batch, PEOPLE)
        load(connection, batches, first_notice=1_000 + 3 * schools)
        if not schools:
            connection.execute("ANALYZE")
        schools += len(batches)
        for batch in batches:
            judged = Judged(batch, decide_in_sql(connection, batch))
            decided += len(judged.verdicts)
            yield judged


def decide_in_sql(connection: Connection, batch: Batch) -> dict[object, Verdict]:
    """Kill switches hold for every school, so they are on only while this one is decided."""
    ids = [message.envelope_id for message in batch.messages]
    with connection.transaction():
        connection.execute("DELETE FROM consent.kill_switch")
        for scope, key in sorted(batch.kill_switches):
            connection.execute("INSERT INTO consent.kill_switch VALUES (%s, %s, true, now())", [scope, key])
        rows = connection.execute(
            "SELECT envelope_id, verdict, code, codes FROM consent.decide_batch(%s, %s, %s)",
            [batch.school.school_id, ids, batch.now],
        )
        return {envelope: Verdict(verdict, code, tuple(codes)) for envelope, verdict, code, codes in rows}


def compare(judged: Judged, *, seed: int, rules: Sequence[Rule] = RULES) -> None:
    """Raises at the first message on which the two differ."""
    worlds = judged.batch.worlds()
    told = decide_together(worlds, judged.batch.now, rules)
    for world in worlds:
        envelope = world.message.envelope_id
        law = judged.verdicts.get(envelope)
        if law != told[envelope]:
            raise Disagreement(_story(world, judged.batch, law, told[envelope], seed))
    if len(judged.verdicts) != len(told):
        raise Disagreement(f"SQL decided {len(judged.verdicts)} messages, Python {len(told)}. Seed {seed}.")


def require_rich(found: Counter[str], worlds: int) -> None:
    """Every code and ALLOW must have occurred often, else the agreement says little."""
    poor = [code for code in CODES if found[code] < LEAST_OF_A_CODE * worlds]
    if poor:
        raise TooPoor("Too rare among the worlds: " + ", ".join(f"{code} ({found[code]})" for code in poor))
    if found["ALLOW"] < LEAST_ALLOWED * worlds:
        raise TooPoor(f"Only {found['ALLOW']} of {worlds} worlds were allowed.")


def _story(world: World, batch: Batch, law: Verdict | None, told: Verdict, seed: int) -> str:
    lines = [f"SQL says {law}", f"Python says {told}", f"at {batch.now.isoformat()} (seed {seed})"]
    for name in world.__slots__:
        value = getattr(world, name)
        if isinstance(value, tuple | frozenset) and value:
            lines += [f"{name}:", *(f"    {one}" for one in value)]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)
