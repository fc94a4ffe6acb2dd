"""The steps to an authorisation, what it then says, and the one button that ends it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from opt_in.gate import school as gate
from opt_in.gate.types import Revocation
from opt_in.selectors.authorisations import last_day
from opt_in.services.instructions import authorise_marketing
from opt_in.services.resolutions import Vote, record_resolution
from tenants.people.models import User
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School
from tests.school.visitors import Visitor

ZONE = ZoneInfo("Europe/Ljubljana")
# Six to know who visits (school, session, person, roles twice, overrides); then instructions, resolutions, names.
PAGE_QUERIES = 9
# Six and requests, resolutions.
STEP_QUERIES = 8


@pytest.fixture
def desk(school: School, director: User) -> Visitor:
    return Visitor(school, director)


@pytest.fixture
def end() -> date:
    """31 August of this school year."""
    return last_day(today=timezone.localdate())


def step(desk: Visitor, name: str, **given: Any) -> Any:
    return desk.post(reverse("authorise"), {"step": name, **given})


def authorise(director: User) -> UUID:
    return authorise_marketing(
        director=director, purposes=["vendor_offers"], products=["plus"], channels=["email", "sms"]
    )


def test_four_steps_lead_to_an_authorisation(desk: Visitor, director: User, end: date) -> None:
    first = desk.get(reverse("authorise"))
    second = step(desk, "products", products="plus", until=end)
    third = step(desk, "channels", products="plus", channels=["email", "sms"], until=end)
    fourth = step(desk, "until", products="plus", channels=["email", "sms"], until=end)
    before = gate.instructions()
    done = step(desk, "confirm", products="plus", channels=["email", "sms"], until=end)

    assert [page.context["number"] for page in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert fourth.context["meaning"] == (
        "OŠ Reka allows the vendor to ask its guardians, and to send offers for Plus package to those who say yes,"
        f" by e-mail and by text message, until 31 August {end.year}."
    )
    assert before == []
    (instruction,) = gate.instructions()
    assert (instruction.actor, instruction.purposes) == (director.id, ("vendor_offers",))
    assert (instruction.products, instruction.channels) == (("plus",), ("email", "sms"))
    assert instruction.valid_to == datetime(end.year, 9, 1, tzinfo=ZONE)
    assert done.headers["Location"] == reverse("authorisation")


def test_the_steps_are_addresses_and_reading_one_authorises_nothing(desk: Visitor, end: date) -> None:
    given: dict[str, str] = {"products": "plus", "channels": "sms", "until": end.isoformat()}

    pages = [desk.get(reverse("authorise"), {"step": name, **given}) for name in ("products", "channels", "until")]
    confirm = desk.get(reverse("authorise"), {"step": "confirm", **given})
    back = desk.get(reverse("authorise"), {"step": "confirm", "back": "yes", **given})
    wrong = desk.get(reverse("authorise"), {"step": "until", **given, "until": "2020-01-01"})

    assert [page.context["step"] for page in (*pages, confirm, back)] == [
        "channels", "until", "confirm", "confirm", "until",
    ]  # fmt: skip
    assert confirm.context["entered"] == [("products", "plus"), ("channels", "sms"), ("until", end.isoformat())]
    assert '<form method="get"' in pages[0].content.decode()
    assert '<form method="post"' in confirm.content.decode()
    assert "This day has passed." in wrong.content.decode()
    assert gate.instructions() == []


def test_a_day_in_between_ends_with_that_day(desk: Visitor) -> None:
    today = timezone.localdate()

    step(desk, "confirm", products="plus", channels="email", until=f"{today.day}. {today.month}. {today.year}")

    (instruction,) = gate.instructions()
    tomorrow = today + timedelta(days=1)
    assert instruction.valid_to == datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZONE)


def test_from_a_request_the_scope_is_filled_in_and_one_comes_back_to_it(
    desk: Visitor, propose: Callable[..., UUID], end: date
) -> None:
    campaign_id = propose(product="koledar")

    first = desk.get(reverse("authorise"), {"offer": str(campaign_id)})
    done = step(desk, "confirm", offer=campaign_id, products="koledar", channels="email", until=end)

    assert first.context["form"]["products"].value() == ["koledar"]
    assert first.context["form"]["channels"].value() == ["email"]
    assert done.headers["Location"] == reverse("offer", args=[campaign_id])
    assert gate.instructions()[0].products == ("koledar",)


def test_back_keeps_what_was_entered(desk: Visitor, end: date) -> None:
    page = step(desk, "until", products="plus", channels="sms", until=end, back="yes")

    assert page.context["step"] == "channels"
    assert page.context["form"]["channels"].value() == ["sms"]
    assert f'name="until" value="{end}"' in page.content.decode()


@pytest.mark.parametrize(
    ("given", "at", "said"),
    [
        ({"products": []}, "products", "Please choose at least one package."),
        ({"products": "spam"}, "products", "Select a valid choice."),
        ({"channels": []}, "channels", "Please choose at least one channel."),
        ({"channels": "pigeon"}, "channels", "Select a valid choice."),
        ({"until": ""}, "until", "Please choose a day."),
        ({"until": "2027-13-45"}, "until", "This is not a day."),
        ({"until": "2020-01-01"}, "until", "This day has passed."),
        ({"until": "2999-01-01"}, "until", "An authorisation ends on 31 August at the latest."),
        ({"until": "0000-00-00\0"}, "until", "This is not a day."),
    ],
)
def test_wrong_input_leads_back_to_its_step_and_authorises_nothing(
    desk: Visitor, end: date, given: dict[str, Any], at: str, said: str
) -> None:
    page = step(desk, "confirm", **{"products": "plus", "channels": "email", "until": end, **given})

    assert page.status_code == 200
    assert page.context["step"] == at
    assert said in page.content.decode()
    assert gate.instructions() == []


@pytest.mark.parametrize("name", ["", "confirmed", "3"])
def test_a_step_that_is_none_begins_anew(desk: Visitor, end: date, name: str) -> None:
    page = step(desk, name, products="plus", channels="email", until=end, offer="x")

    assert page.context["number"] == 2
    assert gate.instructions() == []


def test_the_councils_no_is_said_before_anything_else(desk: Visitor, director: User) -> None:
    record_resolution(recorded_by=director, in_favour=False, decided_on=timezone.localdate(), vote=Vote(0, 12))

    content = desk.get(reverse("authorise")).content.decode()

    assert "(12 against, 0 for)." in content
    assert content.index("(12 against, 0 for).") < content.index('class="stepper"')


def test_what_is_in_force_is_shown_with_its_scope_and_end(
    desk: Visitor, director: User, end: date, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    nothing = desk.get(reverse("authorisation"))
    authorise(director)

    with django_assert_max_num_queries(PAGE_QUERIES):
        page = desk.get(reverse("authorisation"))

    assert "No authorisation is in force" in nothing.content.decode()
    (row,) = page.context["in_force"]
    assert (row["products"], row["channels"]) == ("Plus package", "E-mail and text message")
    assert (row["last_day"], row["by"]) == (end, "Darja Novak")
    with django_assert_max_num_queries(STEP_QUERIES):
        desk.get(reverse("authorise"))


def test_one_button_revokes_and_the_answer_is_true(desk: Visitor, director: User) -> None:
    authorise(director)

    asked = desk.get(reverse("revoke"))
    page = desk.post(reverse("revoke"), {"reason": "We changed our mind."}, follow=True)
    again = desk.get(reverse("authorisation"))

    assert asked.content.decode().count('class="btn btn-danger"') == 1
    (instruction,) = gate.instructions()
    at = f"{timezone.localtime(instruction.revoked_at, ZONE):%H:%M:%S}"
    assert "No message had been handed over." in page.content.decode()
    assert f"Nothing decided after {at} goes out." in page.content.decode()
    assert instruction.revoke_reason == "We changed our mind."
    assert page.context["in_force"] == []
    assert again.context["just_revoked"] is None
    assert "We changed our mind." in again.content.decode()


def test_the_answer_counts_what_was_handed_over_before(
    desk: Visitor, director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2026, 11, 22, 10, 42, 7, tzinfo=ZONE)
    monkeypatch.setattr("opt_in.views.authorisation.revoke_marketing", lambda **_words: Revocation(moment, 12))

    page = desk.post(reverse("revoke"), follow=True)

    content = page.content.decode()
    assert "12 messages had already been handed over. Nothing decided after 10:42:07 goes out." in content


def test_a_second_click_says_that_there_was_nothing_to_revoke(desk: Visitor, director: User) -> None:
    authorise(director)
    desk.post(reverse("revoke"))

    page = desk.post(reverse("revoke"), follow=True)

    assert "There was nothing to revoke" in page.content.decode()
    assert "There is nothing to revoke" in desk.get(reverse("revoke")).content.decode()


def test_a_reason_that_is_too_long_revokes_nothing_yet(desk: Visitor, director: User) -> None:
    authorise(director)

    page = desk.post(reverse("revoke"), {"reason": "x" * 301})

    assert page.status_code == 200
    assert gate.instructions()[0].revoked_at is None


def test_nobody_but_the_director_authorises_or_revokes(
    school: School, director: User, teacher: User, guardian: User, end: date
) -> None:
    appoint_council_chair(director=director, chair=guardian)
    authorise(director)
    chair, colleague = Visitor(school, guardian), Visitor(school, teacher)

    answers = [
        person.post(reverse(route), {"step": "confirm", "products": "plus", "channels": "email", "until": end})
        for person in (chair, colleague)
        for route in ("authorise", "revoke")
    ]
    page = chair.get(reverse("authorisation"))

    assert [answer.status_code for answer in answers] == [404] * 4
    assert colleague.get(reverse("authorisation")).status_code == 404
    assert reverse("revoke") not in page.content.decode()
    (instruction,) = gate.instructions()
    assert instruction.revoked_at is None


def test_a_request_of_nobody_is_no_reason_to_fail(desk: Visitor) -> None:
    for value in ("x", str(uuid4()), ""):
        assert desk.get(reverse("authorise"), {"offer": value}).context["offer"] is None
