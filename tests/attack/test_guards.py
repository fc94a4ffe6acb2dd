"""The self-check of every process refuses when any guard of the gate is gone."""

from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest

from local import guards
from local.guard_removals import Removal
from local.keys import LOGINS


@pytest.fixture(scope="module")
def superuser() -> Iterator[psycopg.Connection]:
    with guards.scratch_gate() as connection:
        yield connection


@pytest.mark.parametrize("login", LOGINS)
def test_a_fresh_gate_is_sound_for_every_login(superuser: psycopg.Connection, login: str) -> None:
    with superuser.transaction(force_rollback=True):
        assert guards.refusals_seen_by(superuser, login) == []


def test_no_guard_goes_unnoticed(superuser: psycopg.Connection) -> None:
    answers = list(guards.answers(superuser))

    assert [answer.removal.guard for answer in answers if not answer.refusals] == []
    counts = Counter(answer.removal.group for answer in answers)
    assert counts["functions"] > 800
    assert counts["tables"] > 200
    assert counts["triggers"] > 100
    assert min(counts.values()) >= 2
    assert len(counts) == 8


def test_a_removal_that_nobody_notices_would_be_reported(
    superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    harmless = Removal("nothing", "nothing at all", "SELECT 1")
    monkeypatch.setattr(guards, "all_removals", lambda _: iter([harmless]))

    (answer,) = guards.answers(superuser)

    assert answer.refusals == ()


def test_a_gate_is_whole_again_after_every_removal(superuser: psycopg.Connection) -> None:
    with superuser.transaction(force_rollback=True):
        assert guards.refusals_seen_by(superuser, guards.OBSERVER) == []
