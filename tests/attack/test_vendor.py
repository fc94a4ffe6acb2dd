"""The vendor: reads no person, sends nothing, holds up nobody."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import psycopg
import pytest
from psycopg.types.json import Jsonb

from local.keys import SUPERUSER

from .world import INSUFFICIENT_PRIVILEGE, PURPOSE, Gate, School, refusal, rows

ONE_SECOND = 1.0


def readable_relations(gate: Gate, login: str) -> set[str]:
    found = gate.inspect(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
        " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " AND relnamespace::regnamespace::text !~ '^pg_toast' AND (has_any_column_privilege(%s, oid, 'SELECT')"
        " OR has_table_privilege(%s, oid, 'SELECT')) AND has_schema_privilege(%s, relnamespace, 'USAGE')",
        login,
        login,
        login,
    )
    return {name for (name,) in found}


def test_the_vendor_reads_no_person(gate: Gate, school: School) -> None:
    gate.queued_offer(school)

    readable = readable_relations(gate, "app_vendor")

    assert {name for name in readable if name.startswith(("consent.", "school_"))} == set()
    with gate.login("app_vendor") as connection:
        for statement in (
            "SELECT consent.consents_of(gen_random_uuid())",
            "SELECT consent.envelopes(10, NULL)",
            "SELECT consent.take('{}')",
            "SELECT consent.read_ledger(gen_random_uuid(), 'dispatch', 1, 10)",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY (SELECT 1) TO PROGRAM 'cat'",
            "SELECT lo_import('/etc/passwd')",
            "SELECT * FROM pg_authid",
            "SELECT * FROM pg_statistic",
        ):
            assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement
        assert rows(connection, "SELECT count(*) FROM pg_stats WHERE schemaname = 'consent'") == [(0,)]


def test_what_the_vendor_gets_back_holds_no_id_of_a_person(gate: Gate, school: School) -> None:
    envelope = gate.queued_offer(school)
    gate.claim(envelope)
    gate.ask("app_keeper", "SELECT consent.tally()")
    campaign = gate.inspect("SELECT campaign_id FROM consent.envelope WHERE envelope_id = %s", envelope)[0][0]

    with gate.login("app_vendor") as connection:
        answers = [
            rows(connection, "SELECT to_jsonb(c) FROM consent.campaigns() c"),
            rows(connection, "SELECT to_jsonb(v) FROM consent.verdicts(%s) v", campaign),
            rows(connection, "SELECT to_jsonb(t) FROM consent.tallies(%s) t", campaign),
        ]

    assert answers[2] == []  # even that there is one message would tell something
    for secret in (school.guardian, school.director, school.contact, envelope, school.address_hash.hex()):
        assert str(secret) not in str(answers)


def test_the_sessions_of_others_show_the_vendor_no_statement(gate: Gate, school: School) -> None:
    with gate.acting_for(school) as busy, gate.login("app_vendor") as connection:
        busy.execute("SELECT 'secret'")
        seen = rows(connection, "SELECT query FROM pg_stat_activity WHERE usename = 'app_school'")

    assert seen
    assert "secret" not in str(seen)


def test_the_vendor_cannot_enqueue_or_decide(gate: Gate, school: School) -> None:
    gate.queued_offer(school)
    before = gate.fingerprint()

    with gate.login("app_vendor") as connection:
        for statement in (
            "SELECT consent.enqueue('vendor.campaign', NULL, 'email', NULL, '', '')",
            "SELECT consent.expand(gen_random_uuid())",
            "SELECT consent.judge(1)",
            "SELECT consent.due(1)",
            "SELECT consent.claim('{}')",
            "SELECT consent.authorise(gen_random_uuid(), '{}', '{}', '{}', 'guardians')",
            "SELECT consent.put_envelope(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        ):
            assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement
        for (pid,) in gate.inspect("SELECT pid FROM pg_stat_activity WHERE usename <> 'app_vendor'"):
            if pid:
                assert refusal(connection, "SELECT pg_terminate_backend(%s)", pid) in (INSUFFICIENT_PRIVILEGE, "")
                assert refusal(connection, "SELECT pg_cancel_backend(%s)", pid) in (INSUFFICIENT_PRIVILEGE, "")

    assert gate.fingerprint() == before


@pytest.mark.parametrize(
    ("padding", "where"),
    [
        ("\n", "body"),
        ("\n" * 400, "body"),
        ("\u200b" * 400, "body"),
        ("\u3164\uffa0\u115f" * 200, "body"),
        (" .-_" * 200, "body"),
        ("", "subject"),
    ],
    ids=["signed", "behind empty lines", "behind no width", "behind blank letters", "behind dots", "in the subject"],
)
def test_the_vendor_cannot_sign_as_the_school(gate: Gate, school: School, padding: str, where: str) -> None:
    name = gate.inspect("SELECT names ->> 'pl' FROM consent.school WHERE school_id = %s", school.id)[0][0]
    text = {"subject": "Offer", "body": "Buy."} | {where: f"Buy. Yours, {name.upper().replace('O', '0')}{padding}"}

    campaign = gate.propose(school, texts={"email": {"pl": text}})

    codes = gate.inspect("SELECT codes FROM consent.campaign_target WHERE campaign_id = %s", campaign)[0][0]
    assert "DENY_IMPERSONATION" in codes


def test_the_vendor_cannot_call_its_offer_something_else(gate: Gate, school: School) -> None:
    for field, value in (("sender", "platform"), ("sender", f"school:{school.id}")):
        campaign = gate.propose(school, **{field: value})
        codes = gate.inspect("SELECT codes FROM consent.campaign_target WHERE campaign_id = %s", campaign)[0][0]
        assert "DENY_SENDER_NOT_OWNED" in codes
    for extra in ({"class": "platform_service"}, {"origin": "school"}, {"kind": "school.message"}):
        gate.authorise(school)
        campaign = gate.propose(school, **extra)
        gate.give_consent(school)
        gate.approve(school, campaign)
        gate.expand(school, campaign)
        made = gate.inspect("SELECT class, origin, kind FROM consent.envelope WHERE campaign_id = %s", campaign)
        assert made == [("vendor_marketing", "vendor", "vendor.campaign")]


@pytest.mark.parametrize("schools", ["all", {}, 1, True, ["not an id"], [None]])
def test_a_malformed_list_of_schools_is_refused_and_never_means_all(
    gate: Gate, school: School, schools: object
) -> None:
    campaign = gate.propose(targets={"countries": ["PL"], "schools": schools})

    made = gate.inspect("SELECT school_id FROM consent.campaign_target WHERE campaign_id = %s", campaign)
    assert made == []


# -- holding up a revocation


@contextmanager
def an_open_transaction(gate: Gate, school: School) -> Iterator[None]:
    with gate.login("app_vendor") as connection:
        connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
        connection.execute("SELECT consent.propose(%s)", [Jsonb({"targets": {"schools": [str(school.id)]}})])
        connection.execute("SELECT consent.set_kill_switch('platform', '', true)")
        connection.execute("SELECT * FROM consent.campaigns()")
        targets = "SELECT campaign_id FROM consent.campaign_target WHERE school_id = %s"
        for (campaign,) in gate.inspect(targets, school.id):
            connection.execute("SELECT consent.stop_campaign(%s)", [campaign])
        yield
        connection.execute("ROLLBACK")


@contextmanager
def every_lock_it_may_take(gate: Gate, school: School) -> Iterator[None]:
    modes = (
        "ACCESS SHARE",
        "ROW SHARE",
        "ROW EXCLUSIVE",
        "SHARE",
        "SHARE ROW EXCLUSIVE",
        "EXCLUSIVE",
        "ACCESS EXCLUSIVE",
    )
    relations = readable_relations(gate, "app_vendor") | {
        name for (name,) in gate.inspect("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'")
    }
    held = 0
    with gate.login("app_vendor") as connection:
        connection.execute("BEGIN")
        for relation in sorted(relations):
            for mode in reversed(modes):
                connection.execute("SAVEPOINT trying")
                try:
                    connection.execute(f"LOCK TABLE {relation} IN {mode} MODE NOWAIT".encode())
                    held += 1
                    break
                except psycopg.Error:
                    connection.execute("ROLLBACK TO trying")
        assert held > 5
        yield
        connection.execute("ROLLBACK")


@contextmanager
def advisory_locks(gate: Gate, school: School) -> Iterator[None]:
    with gate.login("app_vendor") as connection:
        connection.execute("SELECT pg_advisory_lock(n) FROM generate_series(0, 2000) n")
        connection.execute("SELECT pg_advisory_lock(n, m) FROM generate_series(0, 50) n, generate_series(0, 50) m")
        for name in (str(school.id), school.role, "zgoda.bootstrap"):
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        yield


@contextmanager
def cursors_and_notifications(gate: Gate, school: School) -> Iterator[None]:
    del school
    with gate.login("app_vendor") as listener, gate.login("app_vendor") as connection:
        listener.execute("LISTEN anything")
        connection.execute("BEGIN")
        connection.execute("DECLARE c CURSOR WITH HOLD FOR SELECT * FROM consent.campaigns()")
        connection.execute("DECLARE d SCROLL CURSOR FOR SELECT * FROM pg_class, pg_proc")
        connection.execute("FETCH 10 FROM d")
        connection.execute("SELECT pg_notify('anything', n::text) FROM generate_series(1, 1000) n")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def a_flood_of_proposals_while_the_keeper_judges(gate: Gate, school: School) -> Iterator[None]:
    body = {"sender": "zgoda-offers", "targets": {"countries": ["PL"], "schools": None}, "texts": {"email": {}}}
    with gate.login("app_vendor") as connection, gate.login("app_keeper") as keeper:
        for _ in range(200):
            connection.execute("SELECT consent.propose(%s)", [Jsonb(body)])
        gate.propose(school)
        connection.execute("SELECT consent.propose(%s)", [Jsonb(gate.campaign(school))])
        keeper.execute("BEGIN")
        keeper.execute("SELECT consent.judge(1000)")
        yield
        keeper.execute("COMMIT")


Hold = Callable[[Gate, School], AbstractContextManager[None]]
HOLDS = (
    an_open_transaction,
    every_lock_it_may_take,
    advisory_locks,
    cursors_and_notifications,
    a_flood_of_proposals_while_the_keeper_judges,
)


@pytest.mark.parametrize("hold", HOLDS, ids=lambda hold: hold.__name__)
def test_nothing_that_the_vendor_holds_delays_a_revocation_beyond_a_second(
    gate: Gate, school: School, hold: Hold
) -> None:
    envelope = gate.queued_offer(school)

    with hold(gate, school):
        seconds = time_of(lambda: gate.ask_for(school, "SELECT consent.revoke(%s, 'enough')", school.director))

    assert seconds < ONE_SECOND
    assert gate.claim(envelope) == ("DENY", "DENY_SCHOOL_REVOKED")


def test_everything_at_once_delays_neither_a_revocation_nor_a_withdrawal(gate: Gate, school: School) -> None:
    envelope = gate.queued_offer(school)
    withdraw = "SELECT consent.withdraw_consent(%s, %s, %s, 'email')"

    with ExitStack() as stack:
        for hold in HOLDS:
            stack.enter_context(hold(gate, school))
        withdrawn = time_of(lambda: gate.ask_for(school, withdraw, school.guardian, school.guardian, PURPOSE))
        revoked = time_of(lambda: gate.ask_for(school, "SELECT consent.revoke(%s, 'enough')", school.director))

    assert max(withdrawn, revoked) < ONE_SECOND
    assert gate.claim(envelope)[0] == "DENY"


def time_of(act: Callable[[], object]) -> float:
    """Seconds that an act takes; it is given up after ten."""
    done = threading.Event()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            failure.append(error)
        done.set()

    started = time.monotonic()
    threading.Thread(target=run, daemon=True).start()
    assert done.wait(10), "still waiting after ten seconds"
    assert not failure, failure
    return time.monotonic() - started


def test_the_stopwatch_notices_a_revocation_that_has_to_wait(gate: Gate, school: School) -> None:
    """What the vendor cannot do, a superuser can: without this the tests above would prove nothing."""
    gate.authorise(school)

    with gate.login(SUPERUSER) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT FROM consent.school_lock WHERE school_id = %s FOR UPDATE", [school.id])
        release = threading.Timer(1.5, lambda: connection.execute("ROLLBACK"))
        release.start()
        seconds = time_of(lambda: gate.ask_for(school, "SELECT consent.revoke(%s, 'x')", school.director))
        release.join()

    assert seconds > ONE_SECOND
