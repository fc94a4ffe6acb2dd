"""The keeper tidies up behind everybody and stands in nobody's way."""

import threading
from uuid import UUID

import psycopg
import pytest

from .world import Gate, School, refusal, rows


def test_a_sweep_over_two_schools_and_a_claim_over_both_do_not_lock_each_other_out(
    gate: Gate, school: School, other_school: School
) -> None:
    """The sweep does several kinds of work, each from school to school; a claim goes from school to school too."""
    first, second = sorted((school, other_school), key=lambda each: each.id)
    late = gate.queued_offer(first)
    gone = gate.queued_offer(second)
    gate.ask_for(second, "SELECT consent.revoke(%s, 'x')", second.director)
    gate.inspect("ALTER TABLE consent.envelope DISABLE TRIGGER USER")
    gate.inspect("UPDATE consent.envelope SET expires_at = now() WHERE envelope_id = %s", late)
    gate.inspect(_ALWAYS)
    failures: list[psycopg.Error] = []

    with gate.login("app_dispatch") as dispatch, gate.login("app_keeper") as keeper, gate.login("bootstrap") as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT FROM consent.school_lock WHERE school_id = %s FOR UPDATE", [first.id])
        claim = started(dispatch, "SELECT * FROM consent.claim(%s)", [late, gone], failures)
        waiting(gate, "app_dispatch", claim)
        sweep = started(keeper, "SELECT * FROM consent.sweep(%s)", 1000, failures)
        waiting(gate, "app_keeper", sweep)
        holder.execute("ROLLBACK")
        for thread in (claim, sweep):
            thread.join(20)

    assert failures == []


_ALWAYS = (
    "DO $$ DECLARE t name; BEGIN FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'consent.envelope'::regclass"
    " AND NOT tgisinternal LOOP EXECUTE format('ALTER TABLE consent.envelope ENABLE ALWAYS TRIGGER %I', t); END LOOP;"
    " END $$"
)


def started(
    connection: psycopg.Connection, query: str, param: object, failures: list[psycopg.Error]
) -> threading.Thread:
    def run() -> None:
        try:
            rows(connection, query, param)
        except psycopg.Error as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def waiting(gate: Gate, login: str, thread: threading.Thread) -> None:
    """Until the login waits for a lock, or has found a way not to."""
    query = "SELECT FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
    for _ in range(100):
        if not thread.is_alive() or gate.inspect(query, login):
            return
        thread.join(0.02)


def test_the_keeper_does_not_open_addresses_or_texts_or_take_messages(gate: Gate, school: School) -> None:
    envelope: UUID = gate.queued_offer(school)
    before = gate.fingerprint()

    with gate.login("app_keeper") as connection:
        for statement in (
            "SELECT consent.take(ARRAY[%s]::uuid[])",
            "SELECT consent.claim(ARRAY[%s]::uuid[])",
            "SELECT consent.complete(%s, 'sent')",
            "SELECT consent.campaign_content(%s)",
            "SELECT consent.decision_of(%s)",
        ):
            assert refusal(connection, statement, envelope) == "42501"

    assert gate.fingerprint() == before


@pytest.mark.parametrize("work", ["sweep(1000)", "judge(1000)", "make_checkpoints()", "tally()"])
def test_the_keeper_twice_at_once_does_everything_once(gate: Gate, school: School, work: str) -> None:
    gate.queued_offer(school)
    failures: list[psycopg.Error] = []

    with gate.login("app_keeper") as one, gate.login("app_keeper") as two:
        threads = [started(each, f"SELECT consent.{work} WHERE %s", True, failures) for each in (one, two)]
        for thread in threads:
            thread.join(20)

    assert [error.sqlstate for error in failures] in ([], ["23505"])
    query = "SELECT stream, count(*) = max(seq) FROM consent.leaf WHERE school_id = %s GROUP BY 1 ORDER BY 1"
    assert gate.inspect(query, school.id) == [("authority", True), ("dispatch", True), ("vendor", True)]
