"""Random SQL as each process's login: the gate changes only through that login's functions, nobody is told what is
not theirs, every guard stays, and a school's revocation is never held up.

What a login may do by design is not tried as an attack: app_school may take any school's role, the provisioner may
unmake what it made, and the logins whose own work locks a school (keeper, dispatcher, public site, provisioner) leave
no transaction open while a revocation is timed. Those are the limits that docs/trust.md names.
"""

import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psycopg

from opt_in.gate.selfcheck import findings
from proofs.report import Proof
from proofs.sql_grammar import Attacker, Function, Grammar
from proofs.sql_session import Session
from proofs.sql_values import Literals
from proofs.sql_world import ROTATION, Judge, World, leaked, world

STATEMENTS = 30
BATCHES, QUICK_BATCHES = 2_000, 20
# Schools grow old: facts pile up, and an attacker's own school is soon without a director.
RENEW_EVERY = 8
ONE_SECOND = 1.0
_CALLED = re.compile(r"consent\.([a-z_]+)\(")


@dataclass(frozen=True, slots=True)
class Objection:
    """`kind` is changed, told, unsound or late."""

    kind: str
    what: str


class GateBroken(AssertionError):
    """Something that a login sent broke a promise; the message holds all that it sent."""


@dataclass(slots=True)
class Batch:
    number: int
    attacker: Attacker
    sessions: tuple[Session, Session]
    revoked_in: list[float] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)

    @property
    def statements(self) -> int:
        return sum(len(session.statements) for session in self.sessions)

    @property
    def accepted(self) -> list[str]:
        return [statement for session in self.sessions for statement in session.accepted]

    def story(self, seed: int) -> str:
        lines = [f"Batch {self.number} of seed {seed}, as {self.attacker.case} (--replay {seed}:{self.number}):"]
        lines += [f"! {objection.kind}: {objection.what}" for objection in self.objections]
        for name, session in zip(("first, left open", "second"), self.sessions, strict=True):
            lines += [f"-- the {name} session, login {session.login}, role {session.role}"]
            lines += [f"{statement};" for statement in session.statements]
        return "\n".join(lines)


def prove(*, seed: int, seconds: float, quick: bool) -> Proof:
    """Raise GateBroken with the statements of the batch that broke something."""
    began = time.monotonic()
    done: list[Batch] = []
    with world() as around:
        for number in range(QUICK_BATCHES if quick else BATCHES):
            if time.monotonic() - began > seconds and number >= QUICK_BATCHES:
                break
            done.append(run_batch(around, seed, number))
            if done[-1].objections:
                raise GateBroken(done[-1].story(seed))
        broken = around.broken_chains()
        answering = {function for function in _answered(done) if function in {f.name for f in _functions(around, "")}}
    if broken:
        raise GateBroken(f"Seed {seed}: {broken} leaves no longer chain.")
    accepted = sum(len(batch.accepted) for batch in done)
    if len(answering) < (20 if quick else 45):
        raise GateBroken(f"Only {len(answering)} functions of the gate ever answered: too little was tried.")
    slowest = max(took for batch in done for took in batch.revoked_in)
    return Proof(
        name="random_sql",
        sentences=[
            "Random SQL as each of seven logins, and as a school, changed nothing but through its own functions.",
            "No login was told a secret of a school that was not its own, in rows, errors, notices or cursors.",
            "After every batch the self-check found every guard in place, and every ledger still chains.",
            f"A revocation during and after it took at most {slowest * 1000:.0f} ms, with transactions left open.",
            "A token of one school's message changed nothing at another school.",
        ],
        figures={
            "batches": len(done),
            "statements": sum(batch.statements for batch in done),
            "accepted": accepted,
            "functions that answered": len(answering),
            "revocations": sum(len(batch.revoked_in) for batch in done),
            "slowest revocation in ms": round(slowest * 1000),
        },
        seconds=time.monotonic() - began,
    )


def replay(story: str) -> None:
    """`seed:batch`, as a failure prints it, in a world of its own: other ids, the same statements."""
    seed, number = (int(part) for part in story.split(":"))
    with world() as around:
        batch = run_batch(around, seed, number)
    print(batch.story(seed))
    if batch.objections:
        raise GateBroken(batch.objections[0].what)


def run_batch(around: World, seed: int, number: int, case: str | None = None) -> Batch:
    """Two sessions: the first is left open, the second works while the victim revokes."""
    chance = random.Random(f"{seed}/{number}")
    attacker = attacker_of(case or ROTATION[number % len(ROTATION)], around)
    if number and number % RENEW_EVERY == 0:
        around.renew()
        attacker = attacker_of(attacker.case, around)
    grammar = _grammar(chance, attacker, around)
    first, second = (Session(around.gate, attacker.login, attacker.own_role) for _ in range(2))
    batch = Batch(number, attacker, (first, second))
    before, kept = around.shot(), around.secrets_kept_from(attacker.case)

    if attacker.leaves_transactions_open and chance.random() < 0.6:
        first.run("BEGIN")
    for _ in range(STATEMENTS):
        first.run(grammar.statement())
    plan = [grammar.statement() for _ in range(STATEMENTS)]
    worker = threading.Thread(target=second.run_all, args=[plan])
    worker.start()
    _revoke(around, batch)
    worker.join()
    _revoke(around, batch)
    for session in (first, second):
        session.end(chance.choice(("COMMIT", "ROLLBACK")))
    around.forget_settings(attacker.login)

    judge = Judge(attacker.case, around.own.school.id, around.victim.school.id)
    changes = judge.differences(before, around.shot(), len(batch.revoked_in))
    batch.objections += [Objection("changed", what) for what in changes]
    kept |= around.secrets_kept_from(attacker.case)
    batch.objections += [Objection("told", what) for what in leaked(first.shown + second.shown, kept)]
    with around.gate.login(attacker.login) as connection:
        batch.objections += [Objection("unsound", what) for what in findings(connection)]
    return batch


def attacker_of(case: str, around: World) -> Attacker:
    login = "app_school" if case == "a school" else case
    locks_in_its_work = case in ("app_keeper", "app_dispatch", "app_public", "zgoda_owner")
    role = around.own.school.role if case == "a school" else None
    return Attacker(case, login, role, leaves_transactions_open=not locks_in_its_work)


def _revoke(around: World, batch: Batch) -> None:
    try:
        took = around.revoke()
    except psycopg.Error as error:
        batch.objections.append(Objection("late", f"the revocation failed: {error}"))
        return
    batch.revoked_in.append(took)
    if took >= ONE_SECOND:
        batch.objections.append(Objection("late", f"the revocation took {took:.2f} s"))


def _grammar(chance: random.Random, attacker: Attacker, around: World) -> Grammar:
    members = (around.own, around.other, around.victim)
    roles = [member.school.role for member in members]
    # A token is a key: who holds another school's may use it. The public site gets one of one school.
    tokens = [around.own.token] if attacker.case == "app_public" else [member.token for member in members]
    contents = around.gate.inspect("SELECT encode(content_sha256, 'hex') FROM consent.campaign_text ORDER BY 1 LIMIT 6")
    ids = [member.ids for member in members]
    values = Literals(chance, ids, tokens, [text for (text,) in contents], roles)
    functions = _functions(around, attacker.own_role or attacker.login)
    return Grammar(chance, attacker, values, functions, list(around.tables), roles)


def _functions(around: World, role: str) -> list[Function]:
    found = around.gate.inspect(
        "SELECT proname, coalesce(proargnames[:pronargs], '{}'), proargtypes::regtype[]::text[], pronargdefaults,"
        " %s <> '' AND has_function_privilege(nullif(%s, ''), oid, 'EXECUTE')"
        " FROM pg_proc WHERE pronamespace = 'consent'::regnamespace AND prorettype <> 'trigger'::regtype"
        " ORDER BY proname, proargtypes::regtype[]::text",
        role,
        role,
    )
    return [
        Function(name, tuple(names), tuple(types), optional, bool(granted))
        for name, names, types, optional, granted in found
    ]


def _answered(batches: list[Batch]) -> Counter[str]:
    """Functions of the gate in statements that were not refused, where nothing swallowed a refusal."""
    really = (text for batch in batches for text in batch.accepted if not text.startswith(("DO ", "PREPARE ")))
    return Counter(name for text in really for name in _CALLED.findall(text))
