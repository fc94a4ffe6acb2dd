"""One day at school, as the teacher, the guardian and the director see it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ediary_core.models import AttendanceStatus, EnrolmentRole
from ediary_core.selectors.today import child_days, lessons_today, school_day
from ediary_core.services.lessons import begin_lesson, record_lesson
from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.models import User
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure, enrol, plan, ring

PRESENT, ABSENT = AttendanceStatus.PRESENT, AttendanceStatus.ABSENT


def record(structure: Structure, teacher: User, period: int, **changes: object) -> None:
    given: dict[str, object] = {
        "teacher": teacher,
        "school_class": structure.maths,
        "held_on": TODAY,
        "period": period,
        "topic": "Ulomki",
        "attendance": {structure.pia.pk: ABSENT, structure.jaka.pk: PRESENT},
        "today": TODAY,
    }
    record_lesson(**{**given, **changes})  # type: ignore[arg-type]


def states(person: User, on: date = TODAY) -> list[tuple[int, str, str]]:
    return [(lesson.period, lesson.school_class.title, lesson.state) for lesson in lessons_today(teacher=person, on=on)]


def test_a_teachers_day_has_what_is_planned_begun_and_recorded(structure: Structure, teacher: User) -> None:
    for period in (1, 2, 3):
        plan(structure.maths, period)
    record(structure, teacher, 1)
    begin_lesson(teacher=teacher, school_class=structure.maths, held_on=TODAY, period=2, today=TODAY)

    assert states(teacher) == [
        (1, "Matematika 3.a", "recorded"),
        (2, "Matematika 3.a", "begun"),
        (3, "Matematika 3.a", "planned"),
    ]
    assert states(teacher, date(2026, 11, 19)) == []


def test_a_lesson_outside_the_timetable_and_a_substitution_are_in_the_day_of_who_gave_them(
    structure: Structure, teacher: User
) -> None:
    colleague = enter("vida", Role.TEACHER)
    plan(structure.maths, 1)
    begin_lesson(
        teacher=colleague, school_class=structure.maths, held_on=TODAY, period=1, today=TODAY, is_substitution=True
    )
    begin_lesson(
        teacher=colleague, school_class=structure.other, held_on=TODAY, period=4, today=TODAY, is_substitution=True
    )

    assert states(colleague) == [(1, "Matematika 3.a", "begun"), (4, "4.a", "begun")]
    assert states(teacher) == [(1, "Matematika 3.a", "begun")]


def test_an_entry_that_names_a_teacher_is_that_teachers_alone(structure: Structure, teacher: User) -> None:
    colleague = enter("vida", Role.TEACHER)
    plan(structure.maths, 1, teacher=colleague)

    assert states(colleague) == [(1, "Matematika 3.a", "planned")]
    assert states(teacher) == []


@pytest.mark.parametrize(
    ("begins_on", "ends_on", "there"),
    [
        (date(2026, 11, 20), None, True),
        (date(2026, 11, 21), None, False),
        (date(2026, 9, 1), date(2026, 11, 20), True),
        (date(2026, 9, 1), date(2026, 11, 19), False),
    ],
)
def test_an_entry_holds_from_its_first_to_its_last_day(
    structure: Structure, teacher: User, begins_on: date, ends_on: date | None, there: bool
) -> None:
    plan(structure.maths, 1, begins_on=begins_on, ends_on=ends_on)

    assert bool(states(teacher)) is there


def test_a_childs_day_has_the_attendance_of_recorded_lessons_only(structure: Structure, teacher: User) -> None:
    plan(structure.maths, 1)
    plan(structure.maths, 2)
    plan(structure.other, 3)
    record(structure, teacher, 1)

    days = child_days(pupils=[structure.pia, structure.jaka], on=TODAY)

    def lines(pupil: User) -> list[tuple[int, str, str, str | None]]:
        return [(x.lesson.period, x.title, x.topic, x.attendance) for x in days[pupil.pk].lessons]

    assert lines(structure.pia) == [(1, "Matematika", "Ulomki", "absent"), (2, "Matematika", "", None)]
    assert lines(structure.jaka) == [(1, "Matematika", "Ulomki", "present"), (2, "Matematika", "", None)]
    assert (days[structure.pia.pk].absences, days[structure.jaka.pk].absences) == (1, 0)


def test_childrens_days_cost_the_same_however_many_they_are(structure: Structure, teacher: User) -> None:
    plan(structure.maths, 1)
    more = [enter(f"ucenec{number}", Role.PUPIL) for number in range(5)]
    for pupil in more:
        enrol(structure.maths, pupil, EnrolmentRole.PUPIL)

    with CaptureQueriesContext(connection) as of_one:
        child_days(pupils=[structure.pia], on=TODAY)
    with CaptureQueriesContext(connection) as of_many:
        days = child_days(pupils=more, on=TODAY)

    assert [len(days[pupil.pk].lessons) for pupil in more] == [1, 1, 1, 1, 1]
    assert len(of_one) == len(of_many) == 5


def test_the_schools_day_counts_absences_and_names_who_has_not_recorded(structure: Structure, teacher: User) -> None:
    for period, hour in ((1, 8), (2, 9), (3, 12)):
        plan(structure.maths, period)
        ring(period=period, begins_at=time(hour), ends_at=time(hour, 45))
    record(structure, teacher, 1)
    record(structure, teacher, 5, is_substitution=True)

    with timezone.override(ZoneInfo("Europe/Ljubljana")):
        day = school_day(on=TODAY, now=datetime(2026, 11, 20, 9, 0, tzinfo=UTC))

    assert (day.absent_pupils, day.planned_so_far, day.recorded, day.substitutions) == (1, 3, 2, 1)
    assert [(x.lesson.period, [person.username for person in x.teachers]) for x in day.unrecorded] == [(2, ["tomaz"])]


def test_a_lesson_recorded_before_its_bell_counts_as_begun(structure: Structure, teacher: User) -> None:
    plan(structure.maths, 1)
    ring(period=1, begins_at=time(8), ends_at=time(8, 45))
    record(structure, teacher, 1)

    with timezone.override(ZoneInfo("Europe/Ljubljana")):
        day = school_day(on=TODAY, now=datetime(2026, 11, 20, 5, 0, tzinfo=UTC))

    assert (day.recorded, day.planned_so_far) == (1, 1)


def test_of_a_past_day_everything_is_over_and_of_a_coming_one_nothing(structure: Structure, teacher: User) -> None:
    plan(structure.maths, 1)
    ring(period=1, begins_at=time(8), ends_at=time(8, 45))

    after = school_day(on=TODAY, now=datetime(2026, 11, 21, 1, tzinfo=UTC))
    before = school_day(on=TODAY, now=datetime(2026, 11, 19, 20, tzinfo=UTC))

    assert (after.planned_so_far, len(after.unrecorded)) == (1, 1)
    assert (before.planned_so_far, len(before.unrecorded)) == (0, 0)
