"""Random SQL, its quick part, and that it finds what one right too many would allow. The long one is make prove."""

from collections.abc import Iterator

import pytest

from proofs import random_sql
from proofs.random_sql import QUICK_BATCHES, Batch, attacker_of, run_batch
from proofs.sql_session import KEPT, Session
from proofs.sql_world import BROKEN_CHAINS, CASES, Judge, World, leaked, world

SEED = 20261121
# A right that no login has, who has it now, and what must come to light.
TOO_MUCH = [
    ("INSERT, UPDATE, DELETE ON consent.suppression, consent.subject, consent.kill_switch", "app_vendor", "changed"),
    ("UPDATE, SELECT ON consent.contact", "app_public", "changed"),
    ("SELECT ON ALL TABLES IN SCHEMA consent", "app_vendor", "told"),
    ("SELECT ON consent.contact, consent.leaf, consent.subject", "gate_school", "told"),
    ("SELECT, UPDATE ON consent.school_lock", "app_vendor", "late"),
    ("EXECUTE ON FUNCTION consent.tally()", "ledger_witness", "unsound"),
]


def test_random_sql_as_every_login_breaks_nothing() -> None:
    proof = random_sql.prove(seed=SEED, seconds=25, quick=True)

    assert int(proof.figures["batches"]) >= QUICK_BATCHES
    assert int(proof.figures["statements"]) > 900
    assert int(proof.figures["accepted"]) > 200
    assert int(proof.figures["revocations"]) == 2 * int(proof.figures["batches"])
    assert int(proof.figures["slowest revocation in ms"]) < 1000


@pytest.fixture(scope="module")
def around() -> Iterator[World]:
    with world() as around:
        yield around


@pytest.fixture
def whole(around: World) -> World:
    """New schools for a test that breaks things."""
    around.renew()
    return around


@pytest.fixture(scope="module")
def calm(around: World) -> World:
    """New schools once, for tests that leave them as they were."""
    around.renew()
    return around


@pytest.mark.parametrize(("right", "to", "kind"), TOO_MUCH, ids=[f"{to} {kind}" for _, to, kind in TOO_MUCH])
def test_one_right_too_many_comes_to_light(whole: World, right: str, to: str, kind: str) -> None:
    case = "a school" if to == "gate_school" else to
    whole.gate.inspect(f"GRANT {right} TO {to}")
    try:
        found: list[Batch] = []
        for number in range(1, 25):
            found.append(run_batch(whole, SEED, number, case))
            if kind in kinds_of(found[-1]):
                break
    finally:
        whole.gate.inspect(f"REVOKE {right} FROM {to}")

    assert kind in kinds_of(found[-1])
    assert "unsound" in kinds_of(found[0])
    story = found[-1].story(SEED)
    assert f"--replay {SEED}:{found[-1].number}" in story
    assert all(f"{statement};" in story for session in found[-1].sessions for statement in session.statements)


def kinds_of(batch: Batch) -> set[str]:
    return {objection.kind for objection in batch.objections}


@pytest.mark.parametrize("case", ["app_vendor", "a school"])
def test_the_same_seed_sends_the_same_statements(calm: World, case: str) -> None:
    first, second = (run_batch(calm, SEED, 3, case) for _ in range(2))

    for one, another in zip(first.sessions, second.sessions, strict=True):
        assert sent(one) == sent(another)


def sent(session: Session) -> list[str]:
    """Without what the session adds, which follows from what the server answered."""
    return [statement for statement in session.statements if statement not in KEPT]


@pytest.mark.parametrize("case", CASES)
def test_a_foreign_change_is_nobodys_right(calm: World, case: str) -> None:
    """What a superuser does to another school is laid at the door of whoever was there."""
    other = calm.other.school
    before = calm.shot()
    calm.gate.inspect("UPDATE consent.contact SET version = version + 1 WHERE school_id = %s", other.id)

    judge = Judge(attacker_of(case, calm).case, calm.own.school.id, calm.victim.school.id)
    changes = judge.differences(before, calm.shot(), 0)

    assert changes == [f"contact of {other.id}: 1 rows are new or changed, 1 are gone"]


def test_a_victims_leaf_too_many_is_noticed(calm: World) -> None:
    before = calm.shot()
    calm.revoke()
    judge = Judge("app_vendor", calm.own.school.id, calm.victim.school.id)

    expected = judge.differences(before, calm.shot(), 1)
    too_many = judge.differences(before, calm.shot(), 0)

    assert expected == []
    assert [change.partition(" of ")[0] for change in too_many] == ["instruction", "leaf"]


def test_a_secret_is_recognised_alone_and_inside_a_longer_one() -> None:
    kept = {"ab" * 16: "diary of X", "11111111-2222-7333-8444-555555555555": "instruction of X"}

    assert leaked(["nothing here"], kept) == []
    assert leaked([f"({'ab' * 16},1)"], kept) == ["diary of X"]
    assert leaked(["\\x00" + "ab" * 20], kept) == ["diary of X"]
    assert leaked(["row 11111111-2222-7333-8444-555555555555"], kept) == ["instruction of X"]


def test_a_broken_chain_is_counted(calm: World) -> None:
    assert calm.broken_chains() == 0

    with calm.gate.login("bootstrap") as superuser, superuser.transaction(force_rollback=True):
        superuser.execute("ALTER TABLE consent.leaf DISABLE TRIGGER ALL")
        superuser.execute("UPDATE consent.leaf SET body = body || ' ' WHERE school_id = %s", [calm.other.school.id])
        (broken,) = superuser.execute(BROKEN_CHAINS).fetchone() or (0,)

    assert broken > 0
