"""Who may confirm, and what an unguessable token opens."""

from uuid import UUID

import pytest

from .world import INSUFFICIENT_PRIVILEGE, Gate, School, refusal, rows


def confirmed(gate: Gate, resolution: UUID) -> bool:
    query = "SELECT confirmed_at IS NOT NULL FROM consent.resolution WHERE resolution_id = %s"
    return bool(gate.inspect(query, resolution)[0][0])


def test_one_schools_chair_cannot_confirm_anothers_resolution(gate: Gate, school: School, other_school: School) -> None:
    resolution = gate.record_resolution(school, school.director)
    before = gate.fingerprint()
    query = "SELECT consent.confirm_resolution(%s, %s)"

    with gate.acting_for(other_school) as connection:
        assert refusal(connection, query, other_school.chair, resolution) == "ZG003"
        assert refusal(connection, query, school.chair, resolution) == "ZG001"
    with gate.acting_for(school) as connection:
        assert refusal(connection, query, other_school.chair, resolution) == "ZG001"

    assert gate.fingerprint() == before


def test_whoever_recorded_a_resolution_cannot_confirm_it(gate: Gate, school: School) -> None:
    by_director = gate.record_resolution(school, school.director)
    by_chair = gate.record_resolution(school, school.chair)
    query = "SELECT consent.confirm_resolution(%s, %s)"

    with gate.acting_for(school) as connection:
        assert refusal(connection, query, school.director, by_director) == "ZG001"
        assert refusal(connection, query, school.guardian, by_director) == "ZG001"
        assert refusal(connection, query, school.chair, by_chair) == "ZG001"

    assert not confirmed(gate, by_director)
    assert not confirmed(gate, by_chair)


def test_a_positive_resolution_without_the_chair_opens_nothing(gate: Gate, school: School) -> None:
    gate.record_resolution(school, school.director)
    query = "SELECT consent.authorise(%s, ARRAY['vendor_offers'], ARRAY['plus'], ARRAY['email'], 'guardians')"
    gate.ask_for(school, query, school.director)
    campaign = gate.propose(school)
    gate.approve(school, campaign)

    assert gate.expand(school, campaign)[:2] == ("DENY", "DENY_COUNCIL_MISSING")


def test_a_guardian_and_a_chair_cannot_act_as_director(gate: Gate, school: School) -> None:
    gate.authorise(school)
    campaign = gate.propose(school)
    before = gate.fingerprint()

    with gate.acting_for(school) as connection:
        for actor in (school.guardian, school.chair):
            for query in (
                "SELECT consent.authorise(%s, ARRAY['vendor_offers'], ARRAY['plus'], ARRAY['email'], 'guardians')",
                f"SELECT consent.approve_content(%s, '{campaign}', sha256(''))",
                f"SELECT consent.reject_content(%s, '{campaign}', 'no')",
                "SELECT consent.suspend(%s)",
                "SELECT consent.revoke(%s, 'x')",
            ):
                assert refusal(connection, query, actor) == "ZG001", query

    assert gate.fingerprint() == before


def test_the_token_of_one_message_opens_no_other(gate: Gate, school: School, other_school: School) -> None:
    token, foreign = (sent_offer(gate, each) for each in (school, other_school))
    explain = "SELECT consent.explain_by_token(%s)"

    with gate.login("app_public") as connection:
        mine, theirs = (rows(connection, explain, each)[0][0] for each in (token, foreign))
        connection.execute("SELECT consent.withdraw_by_token(%s)", [token])

    assert mine["school"]["id"] == str(school.id)
    assert theirs["school"]["id"] == str(other_school.id)
    for secret in (school.guardian, school.contact, school.director, school.address_hash.hex(), token):
        assert str(secret) not in str(mine)
    last = "SELECT act FROM consent.consent_event WHERE school_id = %s ORDER BY number DESC LIMIT 1"
    assert gate.inspect(last, school.id) == [("withdraw",)]
    assert gate.inspect(last, other_school.id) == [("give",)]


def sent_offer(gate: Gate, school: School) -> str:
    envelope = gate.queued_offer(school)
    assert gate.claim(envelope) == ("ALLOW", None)
    token = gate.take(envelope)
    gate.ask("app_dispatch", "SELECT consent.complete(%s, 'sent')", envelope)
    return token


def test_a_token_stands_nowhere_in_the_database(gate: Gate, school: School) -> None:
    token = sent_offer(gate, school)

    for table in gate.tables():
        assert gate.inspect(f"SELECT FROM {table} t WHERE strpos(t::text, %s) > 0", token) == [], table


def test_a_message_is_taken_once(gate: Gate, school: School) -> None:
    envelope = gate.queued_offer(school)
    gate.claim(envelope)
    gate.take(envelope)

    assert gate.ask("app_dispatch", "SELECT token FROM consent.take(ARRAY[%s]::uuid[])", envelope) == []
    assert gate.ask("app_dispatch", "SELECT verdict FROM consent.claim(ARRAY[%s]::uuid[])", envelope) == []


@pytest.mark.parametrize("guess", ["", "%", "' OR true --", "0" * 64, "\\x00", "*"])
def test_a_guessed_token_opens_nothing(gate: Gate, school: School, guess: str) -> None:
    sent_offer(gate, school)
    before = gate.fingerprint()

    with gate.login("app_public") as connection:
        for function in ("explain_by_token", "withdraw_by_token", "object_by_token"):
            assert refusal(connection, f"SELECT consent.{function}(%s)", guess) == "ZG003"
            assert refusal(connection, f"SELECT consent.{function}(NULL)") == "ZG003"

    assert gate.fingerprint() == before


def test_the_public_login_cannot_list(gate: Gate, school: School) -> None:
    sent_offer(gate, school)

    with gate.login("app_public") as connection:
        for statement in (
            "SELECT token_sha256 FROM consent.envelope",
            "SELECT consent.envelopes(10, NULL)",
            "SELECT consent.due(10)",
            "SELECT consent.envelope_of_token('x')",
            "SELECT consent.proposals()",
            "SELECT consent.read_ledger(gen_random_uuid(), 'dispatch', 1, 10)",
        ):
            assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement
        readable = rows(
            connection,
            "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'v', 'm')"
            " AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
            " AND has_schema_privilege(relnamespace, 'USAGE') AND has_any_column_privilege(oid, 'SELECT')",
        )

    assert readable == []
