"""Input that no page of ours would send."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from ediary_core.models import LessonChange
from tenants.access import Role
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.access.routes.cast import Cast
from tests.school.access.test_routes import as_person, cast  # noqa: F401
from tests.school.attack.test_every_route import addresses
from tests.school.ediary_core.conftest import structure  # noqa: F401
from tests.school.ediary_core.structure import TODAY, Structure
from tests.school.visitors import Visitor


@pytest.fixture
def page(school: School, teacher: User) -> Visitor:
    return Visitor(school, teacher)


@pytest.mark.parametrize("value", ["\ud800", "Ulomki \udfff", "\0"])
def test_half_a_letter_in_a_topic_is_refused(
    structure: Structure,  # noqa: F811
    page: Visitor,
    value: str,
) -> None:
    url = reverse("lesson-entries", kwargs={"class_id": structure.maths.pk, "held_on": TODAY, "period": 2})
    entry = {"id": str(uuid4()), "kind": "topic", "value": value, "entered_at": 0}

    answer = page.post(url, json.dumps({"entries": [entry]}), content_type="application/json")

    assert answer.status_code == 200
    assert [outcome["result"] for outcome in answer.json()["outcomes"]] == ["refused"]
    assert not LessonChange.objects.exists()


# What the pages and forms ask for, and what nobody should write there.
PARAMETERS = (
    "q page day stream channel text offer file group change name before from_day to_day origin readers whole language "
    "limit offset on class_id period next username password address code answer notice reason words content_sha256 "
    "products channels until step back outcome decided_on votes_for votes_against votes_abstained minutes person days "
    "minutes_sha256 token_id school_class held_on topic substitution rest may_end_many list value"
)
NASTY = ["\0", "-1", "9" * 30, "1e400", "0001-01-01", "9999-12-31", "\u202e", "'; --", "%(x)s{}", "x" * 5000, "[]"]


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.TEACHER, Role.GUARDIAN])
@pytest.mark.parametrize("shift", [0, 3])
def test_nothing_that_can_be_typed_is_an_error_of_ours(cast: Cast, role: Role, shift: int) -> None:  # noqa: F811
    names = PARAMETERS.split()
    given = {name: NASTY[(place + shift) % len(NASTY)] for place, name in enumerate(names)}
    browser = as_person(cast.people[role])
    browser.raise_request_exception = False

    answers = {
        f"{method} {name}": getattr(browser, method)(address, given).status_code
        for name, address in addresses(cast).items()
        for method in ("get", "post")
    }

    assert {asked: status for asked, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("wanted", ["home", "-1", "nowhere", "?x", "#x", "a/b", ".", "%0d%0a", "/\r\nSet-Cookie: a=b"])
def test_a_destination_that_is_no_address_leads_home(school: School, teacher: User, wanted: str) -> None:
    page = Visitor(school, teacher)

    inside = page.get("/login", {"next": wanted})
    language = page.post("/account/language", {"language": "pl", "next": wanted})

    for answer in (inside, language):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/")
        assert "\n" not in answer.headers["Location"]
