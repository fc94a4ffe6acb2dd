"""What the pages read of the gate opens nothing of another school, and nothing to another party."""

import pytest

from .world import INSUFFICIENT_PRIVILEGE, Gate, School, refusal, rows

READERS = (
    "SELECT * FROM consent.envelopes_of('{guardian}', 10, NULL)",
    "SELECT consent.explain('{envelope}')",
    "SELECT * FROM consent.forecast('{campaign}')",
    "SELECT * FROM consent.timeline('2000-01-01', '2100-01-01', NULL, false, 1000, 0)",
    "SELECT * FROM consent.timeline_days('2000-01-01', '2100-01-01', NULL, false)",
)


def queries(gate: Gate, school: School) -> list[str]:
    envelope = gate.queued_offer(school)
    campaign = gate.inspect("SELECT campaign_id FROM consent.envelope WHERE envelope_id = %s", envelope)[0][0]
    return [query.format(guardian=school.guardian, envelope=envelope, campaign=campaign) for query in READERS]


def test_another_schools_ids_answer_nothing(gate: Gate, school: School, other_school: School) -> None:
    asked = queries(gate, school)

    with gate.acting_for(school) as connection:
        assert all(rows(connection, query) for query in asked)
    with gate.acting_for(other_school) as connection:
        assert refusal(connection, asked[1]) == "ZG003"
        assert [rows(connection, query) for query in asked if query != asked[1]] == [[], [], [], []]


def test_another_schools_objections_are_not_told(gate: Gate, school: School, other_school: School) -> None:
    query = "SELECT reason FROM consent.suppressions_of(%s)"
    gate.ask_for(school, "SELECT consent.object_to_vendor(%s, %s)", school.guardian, school.guardian)

    assert ("objection",) in gate.ask_for(school, query, school.guardian)
    assert gate.ask_for(other_school, query, school.guardian) == []


@pytest.mark.parametrize("login", ["app_vendor", "app_public", "app_keeper", "app_dispatch", "app_school"])
def test_nobody_else_executes_them(gate: Gate, school: School, login: str) -> None:
    asked = queries(gate, school)
    before = gate.fingerprint()

    with gate.login(login) as connection:
        for query in (*asked, "SELECT consent.suppressions_of(NULL)", "SELECT consent.explanation(NULL)"):
            assert refusal(connection, query) == INSUFFICIENT_PRIVILEGE, query

    assert gate.fingerprint() == before


def test_a_school_does_not_name_the_school_it_reads(gate: Gate, school: School, other_school: School) -> None:
    gate.queued_offer(other_school)
    between = "SELECT * FROM consent.envelopes_between(%s, 'UTC', '2000-01-01', '2100-01-01', NULL, false)"

    with gate.acting_for(school) as connection:
        assert refusal(connection, between, other_school.id) == INSUFFICIENT_PRIVILEGE
        assert refusal(connection, "SELECT consent.explanation(NULL)") == INSUFFICIENT_PRIVILEGE
