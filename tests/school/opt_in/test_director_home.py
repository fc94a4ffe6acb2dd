"""The director's start page, and the two acts that lead to the opening."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ediary_core.models import SchoolClass
from opt_in.gate import school as gate
from opt_in.services.instructions import authorise_marketing
from opt_in.services.resolutions import Vote, record_resolution
from portal.templatetags.portal import day
from tenants.access import Role
from tenants.people.models import ContactPoint, Guardianship, RoleAssignment, User
from tenants.people.selectors.roles import roles_of
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School, Stage
from tests.school.conftest import enter, school_called
from tests.school.ediary_core.structure import build, plan, ring
from tests.school.visitors import Visitor

SCOPE: dict[str, Any] = {"purposes": ["vendor_offers"], "products": ["plus"]}
# Six to know who visits; requests, resolutions with names, authorisations, the opening (4), the day (6), the timeline.
MOST_QUERIES = 21


@pytest.fixture
def desk(school: School, director: User) -> Visitor:
    return Visitor(school, director)


def chair_of_council() -> User | None:
    held = RoleAssignment.objects.filter(role=Role.CHAIR, until=None).first()
    return held.user if held else None


def test_it_begins_with_what_waits_for_a_decision(desk: Visitor, director: User, propose: Callable[..., UUID]) -> None:
    campaign_id = propose()
    record_resolution(recorded_by=director, in_favour=True, decided_on=timezone.localdate(), vote=Vote(9, 1), **SCOPE)

    page = desk.get(reverse("home"))

    assert page.context["offers"][0]["offer"].campaign_id == campaign_id
    assert len(page.context["resolutions"]) == 1
    content = page.content.decode()
    assert content.index(reverse("offer", args=[campaign_id])) < content.index('id="today"')
    assert content.index('id="today"') < content.index('id="reached"')


def test_a_resolution_that_nobody_can_confirm_says_so(desk: Visitor, director: User, guardian: User) -> None:
    record_resolution(recorded_by=director, in_favour=True, decided_on=timezone.localdate(), vote=Vote(9, 1), **SCOPE)

    before = desk.get(reverse("home")).content.decode()
    appoint_council_chair(director=director, chair=guardian)
    after = desk.get(reverse("home")).content.decode()

    assert "Nobody is named as chair yet, so nobody can confirm it." in before
    assert "Nobody is named as chair yet" not in after


def test_more_requests_than_fit_are_counted_and_take_no_more_queries(
    desk: Visitor, propose: Callable[..., UUID], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(5):
        propose()

    with django_assert_max_num_queries(MOST_QUERIES):
        page = desk.get(reverse("home"))

    assert len(page.context["offers"]) == 3
    assert page.context["more_offers"] >= 2
    assert len(page.context["happenings"]) <= 5


def test_what_is_authorised_can_be_revoked_from_here(desk: Visitor, director: User) -> None:
    before = desk.get(reverse("home")).content.decode()
    authorise_marketing(director=director, channels=["email"], **SCOPE)

    after = desk.get(reverse("home")).content.decode()

    assert reverse("revoke") not in before
    assert reverse("revoke") in after


def test_until_the_opening_it_says_what_is_left_to_do(desk: Visitor, director: User, guardian: User) -> None:
    before = desk.get(reverse("home")).context["launch"]
    ContactPoint.objects.filter(user=director).update(verified_at=timezone.now())
    appoint_council_chair(director=director, chair=guardian)

    after = desk.get(reverse("home")).context["launch"]

    assert (before.pupils, before.guardians, before.has_verified_mail, before.chair) == (1, 1, False, None)
    assert (after.has_verified_mail, after.chair) == (True, guardian)


def test_the_director_opens_the_school_once(desk: Visitor, guardian: User) -> None:
    asked = desk.get(reverse("go-live"))
    first = desk.post(reverse("go-live"), follow=True)
    second = desk.post(reverse("go-live"), follow=True)

    assert "1 guardian can log in and see their own children." in asked.content.decode()
    assert "The school is open. Guardians can log in from now on." in first.content.decode()
    assert first.context["launch"] is None
    assert "The school is open already." in second.content.decode()
    assert school_called("os-reka").stage == Stage.LIVE
    assert "The school is open" in desk.get(reverse("go-live")).content.decode()


def test_nobody_to_open_for_means_no_opening(desk: Visitor) -> None:
    page = desk.post(reverse("go-live"), follow=True)

    assert "Please import pupils and guardians first." in page.content.decode()
    assert school_called("os-reka").stage == Stage.ONBOARDING


@pytest.mark.parametrize("query", ["gaja", "nov gaj", "GAJA@family.example", " Novak "])
def test_a_guardian_is_found_by_name_and_by_address(desk: Visitor, guardian: User, query: str) -> None:
    enter("gorazd", Role.GUARDIAN, Role.TEACHER)

    page = desk.get(reverse("appoint-chair"), {"q": query})

    assert page.context["found"] == [guardian]


def test_the_children_tell_guardians_of_one_name_apart(
    desk: Visitor, teacher: User, pupil: User, guardian: User
) -> None:
    build(teacher, pupil)
    enter("gal", Role.GUARDIAN)

    rows = dict(desk.get(reverse("appoint-chair"), {"q": "g"}).context["rows"])
    Guardianship.objects.update(is_active=False)
    without = dict(desk.get(reverse("appoint-chair"), {"q": "Gaja"}).context["rows"])

    assert rows[guardian] == f"{pupil.full_name} 3.a"
    assert without[guardian] == ""


def test_guardians_are_found_in_the_order_of_the_schools_alphabet_and_the_page_says_if_there_are_more(
    desk: Visitor,
) -> None:
    families = ["Zupan", "Čuk", "Dolenc", "Žagar", "Cerar"]
    for number, family in enumerate(families):
        parent = enter(f"parent{number}", Role.GUARDIAN)
        User.objects.filter(pk=parent.pk).update(family_name=family)
    few = desk.get(reverse("appoint-chair"), {"q": "parent"})
    for number in range(5, 21):
        enter(f"parent{number}", Role.GUARDIAN)

    many = desk.get(reverse("appoint-chair"), {"q": "parent"})

    assert [person.family_name for person in few.context["found"]] == ["Cerar", "Čuk", "Dolenc", "Zupan", "Žagar"]
    assert "There are more." not in few.content.decode()
    assert len(many.context["found"]) == 20
    assert "There are more." in many.content.decode()


@pytest.mark.parametrize("query", ["", "   ", "nobody", "%", "_", "x" * 101, "\0", "' OR 1=1"])
def test_a_search_for_nobody_finds_nobody(desk: Visitor, guardian: User, query: str) -> None:
    page = desk.get(reverse("appoint-chair"), {"q": query})

    assert (page.status_code, page.context["found"]) == (200, [])


def test_the_director_appoints_whom_the_search_found(desk: Visitor, guardian: User) -> None:
    page = desk.post(reverse("appoint-chair"), {"person": guardian.pk}, follow=True)

    assert chair_of_council() == guardian
    assert "Gaja Novak now chairs the Parents&#x27; Council" in page.content.decode()


def test_whoever_chairs_already_is_not_offered_again(desk: Visitor, director: User, guardian: User) -> None:
    found = desk.get(reverse("appoint-chair"), {"q": "Gaja"}).content.decode()
    appoint_council_chair(director=director, chair=guardian)
    again = desk.get(reverse("appoint-chair"), {"q": "Gaja"}).content.decode()

    assert f'name="person" value="{guardian.pk}"' in found
    assert f'name="person" value="{guardian.pk}"' not in again
    assert "chairs the Parents' Council now" in again


def test_after_the_opening_it_reminds_of_what_is_still_missing(desk: Visitor, director: User, guardian: User) -> None:
    desk.post(reverse("go-live"))
    before = desk.get(reverse("home")).content.decode()
    ContactPoint.objects.filter(user=director).update(verified_at=timezone.now())
    appoint_council_chair(director=director, chair=guardian)
    after = desk.get(reverse("home")).content.decode()

    missing = ("Your own e-mail address is not verified", "Name the Council's chair")
    assert [sentence in before for sentence in missing] == [True, True]
    assert [sentence in after for sentence in missing] == [False, False]


def test_what_is_authorised_says_that_the_council_opposes_it(desk: Visitor, director: User) -> None:
    authorise_marketing(director=director, channels=["email"], **SCOPE)
    before = desk.get(reverse("home")).content.decode()
    record_resolution(recorded_by=director, in_favour=False, decided_on=timezone.localdate(), vote=Vote(2, 13))
    after = desk.get(reverse("home")).content.decode()

    assert "As long as this resolution stands, nothing is sent" not in before
    assert "(13 against, 2 for)." in after
    assert "As long as this resolution stands, nothing is sent" in after


def test_staff_and_strangers_are_not_appointed(desk: Visitor, teacher: User, stranger: User) -> None:
    refused = desk.post(reverse("appoint-chair"), {"person": teacher.pk}, follow=True)
    unknown = [desk.post(reverse("appoint-chair"), {"person": one}) for one in (stranger.pk, uuid4(), "x", "")]

    assert "must be an active guardian" in refused.content.decode()
    assert [answer.status_code for answer in unknown] == [404] * 4
    assert chair_of_council() is None


def test_nobody_else_opens_the_school_or_appoints(school: School, teacher: User, guardian: User) -> None:
    for person in (teacher, enter("namesto", Role.DEPUTY)):
        visitor = Visitor(school, person)
        assert visitor.post(reverse("go-live")).status_code == 404
        assert visitor.post(reverse("appoint-chair"), {"person": guardian.pk}).status_code == 404

    assert chair_of_council() is None
    assert school_called("os-reka").stage == Stage.ONBOARDING


def test_a_deputy_sees_the_page_without_the_directors_buttons(school: School, propose: Callable[..., UUID]) -> None:
    deputy = enter("namesto", Role.DEPUTY)
    propose()

    page = Visitor(school, deputy).get(reverse("home"))

    assert roles_of(deputy) == {Role.DEPUTY}
    content = page.content.decode()
    assert reverse("go-live") not in content
    assert "Look at it and decide" not in content
    assert gate.instructions() == []


def test_a_day_without_lessons_says_when_the_next_are(desk: Visitor, teacher: User, pupil: User) -> None:
    structure = build(teacher, pupil)
    tomorrow = timezone.localdate() + timedelta(days=1)
    SchoolClass.objects.update(ends_on=tomorrow)

    without = desk.get(reverse("home")).content.decode()
    plan(structure.maths, 2, weekday=tomorrow.isoweekday())
    before = desk.get(reverse("home")).content.decode()
    plan(structure.maths, 2, weekday=timezone.localdate().isoweekday())
    ring(period=2, begins_at=time(23, 59, 58), ends_at=time(23, 59, 59))
    on_a_day = desk.get(reverse("home")).content.decode()

    assert "No lessons are planned or recorded today. The timetable has none after today either." in without
    assert f"No lessons are planned or recorded today. The next lessons: {day(tomorrow)}" in before
    assert "No lesson has begun today." in on_a_day
