"""A guardian's consents and messages through the API: one's own, and only what can count."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from notifications.kinds import SchoolMessage
from notifications.services import notify
from opt_in.gate import school as gate
from tenants.access import Role
from tenants.people.models import Channel, User
from tenants.schools.models import School
from tests.school.api.conftest import Caller
from tests.school.conftest import enter
from tests.school.opt_in.families import acts_of, authorise, verify

Calling = Callable[[User | None], Caller]
TRIP = SchoolMessage(subject="Izlet", body="Zberemo se ob osmih.")


@pytest.fixture
def chair(school: School) -> User:
    return enter("cita", Role.GUARDIAN, email="cita@family.example")


@pytest.fixture
def gaja(school: School, director: User, chair: User, guardian: User, calling: Calling) -> Caller:
    """At a school that has authorised offers by e-mail; her address is verified."""
    authorise(school, director, chair, "email")
    verify(guardian, Channel.EMAIL)
    return calling(guardian)


def notice_of(caller: Caller) -> str:
    notice: str = caller.get("consents").json()["notice"]["id"]
    return notice


def test_a_yes_names_the_text_and_says_that_a_program_brought_it(gaja: Caller, guardian: User) -> None:
    before = gaja.get("consents/email").json()

    given = gaja.send("PUT", "consents/email", {"notice_id": notice_of(gaja)})

    assert (before["is_on"], before["state"], before["can_be_given"]) == (False, "never_asked", True)
    assert (given.status_code, given.json()["is_on"]) == (200, True)
    (event,) = gate.consents_of(guardian.id)
    assert (event.act, event.capture, event.actor) == ("give", "api", guardian.id)
    assert given.headers["ETag"] == gaja.get("consents/email").headers["ETag"]


def test_a_yes_said_twice_is_one_and_taken_back_twice_is_none(gaja: Caller, guardian: User) -> None:
    for _ in range(2):
        gaja.send("PUT", "consents/email", {"notice_id": notice_of(gaja)})
    withdrawn = [gaja.send("DELETE", "consents/email") for _ in range(2)]

    assert [answer.status_code for answer in withdrawn] == [200, 200]
    assert withdrawn[0].json()["handed_over"] == 0
    assert withdrawn[0].json()["consent"]["state"] == "withdrawn"
    assert acts_of(guardian) == [("give", "email"), ("withdraw", "email")]


def test_a_yes_that_would_not_count_is_not_taken(gaja: Caller, guardian: User) -> None:
    def refused(channel: str, notice: str) -> tuple[int, str]:
        answer = gaja.send("PUT", f"consents/{channel}", {"notice_id": notice})
        return answer.status_code, answer.json()["type"]

    assert refused("sms", notice_of(gaja)) == (409, "/api/#not-authorised")
    assert refused("email", str(uuid4())) == (409, "/api/#outdated-notice")
    assert refused("email", "yes")[0] == 400
    assert gaja.send("PUT", "consents/pigeon", {"notice_id": notice_of(gaja)}).status_code == 404
    assert gate.consents_of(guardian.id) == []


def test_an_address_that_nobody_verified_gets_no_yes(
    school: School, director: User, chair: User, guardian: User, calling: Calling
) -> None:
    authorise(school, director, chair, "email")
    gaja = calling(guardian)

    answer = gaja.send("PUT", "consents/email", {"notice_id": notice_of(gaja)})

    assert (answer.status_code, answer.json()["type"]) == (409, "/api/#not-verified")
    assert gate.consents_of(guardian.id) == []


def test_nobody_but_a_guardian_has_consents(calling: Calling, teacher: User, pupil: User, director: User) -> None:
    for person in (teacher, pupil, director):
        caller = calling(person)
        assert caller.get("consents").status_code == 404
        assert caller.send("PUT", "consents/email", {"notice_id": str(uuid4())}).status_code == 404
        assert caller.send("DELETE", "consents/email").status_code == 404


def test_a_person_reads_the_own_messages_and_why(calling: Calling, guardian: User, teacher: User) -> None:
    ids = [str(notify(kind="school.message", recipient=guardian.id, parameters=TRIP)) for _ in range(3)]
    gaja, tomaz = calling(guardian), calling(teacher)

    first = gaja.get("messages?limit=2").json()
    rest = gaja.get(first["next"].partition("/api/v1/")[2])
    why = gaja.get(f"messages/{ids[0]}/why")

    assert [item["id"] for item in first["items"] + rest.json()["items"]] == ids[::-1]
    assert (rest.json()["next"], "Link" in rest.headers) == (None, False)
    assert gaja.get(f"messages/{ids[0]}").json()["origin"] == "school"
    assert (why.status_code, why.json()["origin"], why.json()["state"]) == (200, "school", "queued")
    assert tomaz.get("messages").json()["items"] == []
    assert [tomaz.get(f"messages/{ids[0]}{part}").status_code for part in ("", "/why")] == [404, 404]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "before=x"])
def test_a_parameter_that_does_not_fit_is_named(calling: Calling, guardian: User, query: str) -> None:
    answer = calling(guardian).get(f"messages?{query}")

    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json()["errors"]] == [query.partition("=")[0]]
