"""When the next lessons are, after a day without any."""

from datetime import date
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from ediary_core.models import Enrolment, EnrolmentRole, SchoolClass, TimetableEntry
from ediary_core.selectors.next_lessons import next_days_of, next_school_day
from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.models import User
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure, enrol, plan

SATURDAY, MONDAY, NEXT_FRIDAY = date(2026, 11, 21), date(2026, 11, 23), date(2026, 11, 27)


def of_pupils(structure: Structure, after: date) -> list[date | None]:
    found = next_days_of(pupils=[structure.pia, structure.jaka], after=after)
    return [found[structure.pia.pk], found[structure.jaka.pk]]


def test_it_is_the_first_day_that_the_timetable_has_for_the_pupil(structure: Structure) -> None:
    plan(structure.maths, 2)
    plan(structure.other, 1, weekday=1)

    assert (next_school_day(after=SATURDAY), of_pupils(structure, SATURDAY)) == (MONDAY, [NEXT_FRIDAY] * 2)
    assert next_school_day(after=MONDAY) == NEXT_FRIDAY
    assert of_pupils(structure, date(2026, 11, 19)) == [TODAY] * 2


def test_before_the_school_year_it_is_its_first_day_and_after_it_none(structure: Structure) -> None:
    plan(structure.maths, 2)

    assert (next_school_day(after=date(2026, 7, 1)), of_pupils(structure, date(2026, 7, 1))) == (
        date(2026, 9, 4),
        [date(2026, 9, 4)] * 2,
    )
    assert (next_school_day(after=date(2027, 6, 18)), of_pupils(structure, date(2027, 6, 18))) == (None, [None] * 2)
    assert next_school_day(after=date(2027, 6, 17)) == date(2027, 6, 18)


@pytest.mark.parametrize(
    ("model", "fields", "there"),
    [
        (TimetableEntry, {"ends_on": date(2026, 11, 26)}, False),
        (TimetableEntry, {"ends_on": NEXT_FRIDAY}, True),
        (SchoolClass, {"ended_on": NEXT_FRIDAY}, False),
        (SchoolClass, {"ended_on": date(2026, 11, 28)}, True),
        (Enrolment, {"ends_on": date(2026, 11, 26)}, False),
        (Enrolment, {"ended_on": NEXT_FRIDAY}, False),
        (Enrolment, {"begins_on": NEXT_FRIDAY, "ended_on": date(2026, 11, 28)}, True),
    ],
)
def test_what_has_ended_until_then_has_no_next_lesson(
    structure: Structure, model: Any, fields: dict[str, date], there: bool
) -> None:
    plan(structure.maths, 2)
    model.objects.update(**fields)

    assert of_pupils(structure, SATURDAY) == [NEXT_FRIDAY if there else None] * 2


def test_an_enrolment_that_begins_later_has_its_lessons_later(structure: Structure) -> None:
    plan(structure.maths, 2)
    Enrolment.objects.filter(person=structure.jaka).update(begins_on=date(2026, 11, 28))

    assert of_pupils(structure, SATURDAY) == [NEXT_FRIDAY, date(2026, 12, 4)]


def test_it_costs_the_same_however_many_pupils_ask(structure: Structure) -> None:
    plan(structure.maths, 2)
    more: list[User] = [enter(f"ucenec{number}", Role.PUPIL) for number in range(5)]
    for pupil in more:
        enrol(structure.maths, pupil, EnrolmentRole.PUPIL)

    with CaptureQueriesContext(connection) as queries:
        found = next_days_of(pupils=more, after=SATURDAY)

    assert set(found.values()) == {NEXT_FRIDAY}
    assert len(queries) == 2
