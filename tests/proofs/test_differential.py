"""SQL and Python agree, and a single rule changed on either side is noticed."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from psycopg import sql

from opt_in.explanation.rules import RULES, Rule
from opt_in.gate.codes import CODES
from proofs import differential
from proofs.differential import Disagreement, Judged, compare, decide_in_sql, judged_worlds, require_rich, scratch_gate
from proofs.worlds_load import Connection

SEED = 20260901


@pytest.fixture(scope="module")
def gate() -> Iterator[Connection]:
    with scratch_gate() as connection:
        yield connection


@pytest.fixture(scope="module")
def judged(gate: Connection) -> list[Judged]:
    return list(judged_worlds(gate, SEED, 9_000))


def test_sql_and_python_agree_in_thousands_of_random_worlds() -> None:
    proof = differential.prove(seed=SEED, seconds=15, quick=True)

    assert int(proof.figures["worlds"]) >= 6_000


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.number} {rule.check.__name__}")
def test_a_rule_that_python_forgets_is_noticed(judged: list[Judged], rule: Rule) -> None:
    fewer = [one for one in RULES if one is not rule]

    with pytest.raises(Disagreement):
        for one in judged:
            compare(one, seed=SEED, rules=fewer)


def test_the_same_rules_in_another_order_are_noticed(judged: list[Judged]) -> None:
    with pytest.raises(Disagreement):
        for one in judged:
            compare(one, seed=SEED, rules=sorted(RULES, key=lambda rule: rule.number))


@pytest.mark.parametrize(
    ("function", "is_now", "was"),
    [
        ("decide_batch", "g.expires_at < p_now", "g.expires_at <= p_now"),
        ("decide_batch", "n.superseded_at < p_now", "n.superseded_at <= p_now"),
        ("decide_batch", "e.expires_at < p_now", "e.expires_at <= p_now"),
        ("decide_batch", "e.not_before >= p_now", "e.not_before > p_now"),
        ("decide_batch", "ct.verified_at >= p_now", "ct.verified_at > p_now"),
        ("decide_batch", "ORDER BY v.number LIMIT", "ORDER BY v.number DESC LIMIT"),
        ("decide_batch", "(false OR (s.school_id", "(s.reason = 'objection' OR (s.school_id"),
        ("decide_batch", "", "AND s.channel = e.channel"),
        ("decide_batch", "", "AND NOT 'pupil' = ANY (su.roles)"),
        ("decide_batch", "", ", 'failed', 'bounced'"),
        ("decide_batch", "false", "g.instruction_id IS NULL"),
        ("decide_batch", "", " AND ct.is_active"),
        ("judge_instruction", "i.valid_to < p_now", "i.valid_to <= p_now"),
        ("judge_instruction", "i.valid_from >= p_now", "i.valid_from > p_now"),
        ("judge_instruction", "i.made_at DESC, i.instruction_id LIMIT", "i.made_at DESC, i.instruction_id DESC LIMIT"),
        ("judge_resolution", "true", "r.confirmed_at IS NOT NULL"),
        ("judge_resolution", "r.decided_on DESC, r.number LIMIT", "r.decided_on DESC, r.number DESC LIMIT"),
        ("judge_resolution", "v_row.decided_on >= v_today", "v_row.decided_on > v_today"),
        ("judge_resolution", "(p_now)::date", "(p_now AT TIME ZONE p_zone)::date"),
        ("campaign_facts", "ORDER BY a.approval_id LIMIT", "ORDER BY a.approval_id DESC LIMIT"),
        ("campaign_facts", "", "c.stopped_at IS NOT NULL OR"),
        ("campaign_facts", "sn.has_one_click", "sn.has_stop_word"),
        ("primary_code", "(true)", "(c.code ~~ 'DENY%'::text)"),
    ],
)
def test_a_rule_that_sql_changes_is_noticed(
    gate: Connection, judged: list[Judged], function: str, is_now: str, was: str
) -> None:
    with changed(gate, function, was, is_now), pytest.raises(Disagreement):
        for one in judged:
            compare(Judged(one.batch, decide_in_sql(gate, one.batch)), seed=SEED)


@contextmanager
def changed(gate: Connection, function: str, was: str, is_now: str) -> Iterator[None]:
    """The gate with one place of one function changed, whatever the spaces there."""
    row = gate.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'consent'::regnamespace AND proname = %s",
        [function],
    ).fetchone()
    assert row
    spaced = r"\s+".join(re.escape(word) for word in was.split())
    broken, places = re.subn(spaced, lambda _: is_now, row[0])
    assert places >= 1, f"{function} does not hold: {was}"
    gate.execute(sql.SQL(broken))
    try:
        yield
    finally:
        gate.execute(row[0])


def test_worlds_that_reach_too_little_are_refused(judged: list[Judged]) -> None:
    enough = Counter(dict.fromkeys(CODES, 100) | {"ALLOW": 2_000})
    require_rich(enough, 9_000)

    for poor in (enough - Counter({"DENY_MINOR": 95}), enough - Counter({"ALLOW": 1_500})):
        with pytest.raises(differential.TooPoor):
            require_rich(poor, 9_000)
