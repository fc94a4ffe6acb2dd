"""Two pupils of one name are told apart, with as little as does it, and nobody else is told anything more about."""

from datetime import date

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ediary_core.models import Enrolment, EnrolmentRole
from ediary_core.selectors.namesakes import Sign, signs_of
from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure, enrol
from tests.school.visitors import Visitor


@pytest.fixture
def two(structure: Structure) -> list[User]:
    """Two who are called Pia Novak, both in 3.a."""
    other = enter("pia2", Role.PUPIL)
    for school_class in (structure.homeroom, structure.maths):
        enrol(school_class, other, EnrolmentRole.PUPIL)
    User.objects.filter(pk=other.pk).update(given_name="PIA")
    other.refresh_from_db()
    return [structure.pia, other]


def signs(structure: Structure, two: list[User]) -> list[Sign | None]:
    found = signs_of([structure.jaka, *(User.objects.get(pk=pupil.pk) for pupil in two)], on=TODAY)
    assert structure.jaka.pk not in found
    return [found.get(pupil.pk) for pupil in two]


def test_by_their_place_where_nothing_else_differs(structure: Structure, two: list[User]) -> None:
    User.objects.filter(pk=two[0].pk).update(middle_name="Ana", date_of_birth=date(2017, 4, 12))

    assert signs(structure, two) == [Sign(number=1), Sign(number=2)]


def test_by_the_day_of_birth_without_the_year(structure: Structure, two: list[User]) -> None:
    for pupil, born_on in zip(two, (date(2016, 2, 29), date(2017, 4, 12)), strict=True):
        User.objects.filter(pk=pupil.pk).update(date_of_birth=born_on)

    assert signs(structure, two) == [Sign(birthday=date(2000, 2, 29)), Sign(birthday=date(2000, 4, 12))]


def test_by_the_middle_name_rather_than_by_the_birthday(structure: Structure, two: list[User]) -> None:
    for pupil, name in zip(two, ("Ana", "Eva"), strict=True):
        User.objects.filter(pk=pupil.pk).update(middle_name=name, date_of_birth=date(2017, 4, len(name)))

    assert signs(structure, two) == [Sign(text="Ana"), Sign(text="Eva")]


def test_by_the_class_before_anything_else(structure: Structure, two: list[User]) -> None:
    Enrolment.objects.filter(person=two[1], school_class=structure.homeroom).update(school_class=structure.other)
    User.objects.update(middle_name="Ana")

    assert signs(structure, two) == [Sign(text="3.a"), Sign(text="4.a")]


def test_where_all_names_differ_nothing_is_looked_up(structure: Structure) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert signs_of([structure.pia, structure.jaka], on=TODAY) == {}

    assert len(queries) == 0


def test_the_lesson_and_the_class_show_it(structure: Structure, two: list[User], school: School, teacher: User) -> None:
    for pupil, born_on in zip(two, (date(2016, 5, 1), date(2017, 4, 12)), strict=True):
        User.objects.filter(pk=pupil.pk).update(date_of_birth=born_on)
    page = Visitor(school, teacher)

    for address in (
        reverse("lesson", args=[structure.maths.pk, TODAY, 2]),
        reverse("class", args=[structure.maths.pk]),
        reverse("class", args=[structure.maths.pk]) + "?q=pia",
    ):
        content = page.get(address).content.decode()
        assert [f"· birthday: {born_on}</span>" in content for born_on in ("April 12", "May 1")] == [True, True]
        assert content.count("birthday:") == 2
