"""A lesson with attendance: recorded once, by who teaches there, with every pupil of the day."""

from datetime import date

import pytest

from ediary_core.models import (
    Attendance,
    AttendanceStatus,
    Enrolment,
    EnrolmentRole,
    Lesson,
)
from ediary_core.selectors.classes import classes_for
from ediary_core.selectors.enrolments import pupils_of, teachers_of
from ediary_core.selectors.lessons import attendance_for, lessons_for
from ediary_core.services.lessons import (
    AttendanceMismatch,
    LessonAlreadyRecorded,
    LessonOutsideTerm,
    NotTeacherOfClass,
    change_attendance,
    record_lesson,
)
from tenants.access import Role, Scope
from tenants.people.models import User
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure, enrol

PRESENT, ABSENT = AttendanceStatus.PRESENT, AttendanceStatus.ABSENT


def record(structure: Structure, teacher: User, **changes: object) -> Lesson:
    given: dict[str, object] = {
        "teacher": teacher,
        "school_class": structure.maths,
        "held_on": TODAY,
        "period": 2,
        "topic": "Ulomki",
        "attendance": {structure.pia.pk: PRESENT, structure.jaka.pk: ABSENT},
        "today": TODAY,
    }
    return record_lesson(**{**given, **changes})  # type: ignore[arg-type]


def test_a_teacher_records_a_lesson_with_attendance(structure: Structure, teacher: User) -> None:
    lesson = record(structure, teacher)

    assert lessons_for(person=teacher, scope=Scope.OWN, on=TODAY).get() == lesson
    lines = attendance_for(person=teacher, scope=Scope.OWN, lesson=lesson)
    assert [(line.pupil.username, line.status) for line in lines] == [("jaka", "absent"), ("pia", "present")]


def test_a_lesson_is_recorded_once(structure: Structure, teacher: User) -> None:
    record(structure, teacher)

    with pytest.raises(LessonAlreadyRecorded):
        record(structure, teacher, topic="Decimalna števila")

    assert [lesson.topic for lesson in Lesson.objects.all()] == ["Ulomki"]
    assert Attendance.objects.count() == 2


def test_a_colleague_records_only_a_substitution(structure: Structure, teacher: User) -> None:
    colleague = enter("vida", Role.TEACHER)

    with pytest.raises(NotTeacherOfClass):
        record(structure, colleague)
    assert not Lesson.objects.exists()

    assert record(structure, colleague, is_substitution=True).is_substitution


@pytest.mark.parametrize("held_on", [date(2026, 8, 31), date(2026, 11, 21), date(2027, 6, 25)])
def test_a_lesson_lies_within_the_term_and_not_in_the_future(
    structure: Structure, teacher: User, held_on: date
) -> None:
    with pytest.raises(LessonOutsideTerm):
        record(structure, teacher, held_on=held_on)

    assert not Lesson.objects.exists()


def test_a_dissolved_class_has_no_more_lessons(structure: Structure, teacher: User) -> None:
    structure.maths.ended_on = date(2026, 11, 20)

    with pytest.raises(LessonOutsideTerm):
        record(structure, teacher)

    lesson = record(structure, teacher, held_on=date(2026, 11, 19))
    assert Lesson.objects.get() == lesson


def test_every_pupil_of_the_class_has_an_attendance_and_nobody_else(
    structure: Structure, teacher: User, director: User
) -> None:
    with pytest.raises(AttendanceMismatch) as mismatch:
        record(structure, teacher, attendance={structure.pia.pk: PRESENT, director.pk: PRESENT})

    assert (mismatch.value.missing, mismatch.value.strangers) == (
        frozenset({structure.jaka.pk}),
        frozenset({director.pk}),
    )
    assert not Lesson.objects.exists()
    assert not Attendance.objects.exists()


def test_the_register_knows_who_was_in_the_class_on_a_past_day(structure: Structure, teacher: User) -> None:
    Enrolment.objects.filter(person=structure.jaka).update(ended_on=date(2026, 10, 1))
    late = enter("zala", Role.PUPIL)
    enrol(structure.maths, late, EnrolmentRole.PUPIL, begins_on=date(2026, 11, 1))

    def names(on: date) -> list[str]:
        return [person.username for person in pupils_of(school_class=structure.maths, on=on)]

    assert names(date(2026, 9, 30)) == ["jaka", "pia"]
    assert names(date(2026, 10, 1)) == ["pia"]
    assert names(TODAY) == ["pia", "zala"]
    assert list(teachers_of(school_class=structure.maths, on=TODAY)) == [teacher]


def test_an_attendance_is_corrected_in_place(structure: Structure, teacher: User, director: User) -> None:
    lesson = record(structure, teacher)

    change_attendance(lesson=lesson, pupil=structure.jaka, status=AttendanceStatus.EXCUSED, by=teacher)
    with pytest.raises(AttendanceMismatch):
        change_attendance(lesson=lesson, pupil=director, status=AttendanceStatus.EXCUSED, by=teacher)

    assert set(Attendance.objects.values_list("pupil__username", "status")) == {("pia", "present"), ("jaka", "excused")}


def test_each_scope_reaches_its_classes_and_no_others(structure: Structure, teacher: User, guardian: User) -> None:
    leader = enter("razrednik", Role.TEACHER, Role.HOMEROOM)
    enrol(structure.homeroom, leader, EnrolmentRole.TEACHER, is_primary=True)

    def titles(person: User, scope: Scope) -> list[str]:
        return [school_class.title for school_class in classes_for(person=person, scope=scope, on=TODAY)]

    assert titles(teacher, Scope.NONE) == []
    assert titles(teacher, Scope.OWN) == ["Matematika 3.a"]
    assert titles(structure.pia, Scope.OWN) == ["3.a", "Matematika 3.a"]
    assert titles(guardian, Scope.OWN) == []
    assert titles(guardian, Scope.CHILD) == ["3.a", "Matematika 3.a"]
    assert titles(leader, Scope.OWN) == ["3.a"]
    assert titles(leader, Scope.CLASS) == ["3.a", "Matematika 3.a"]
    assert titles(teacher, Scope.CLASS) == ["Matematika 3.a"]
    assert titles(guardian, Scope.SCHOOL) == ["3.a", "4.a", "Matematika 3.a"]


def test_a_guardian_sees_the_own_child_and_not_the_class(structure: Structure, teacher: User, guardian: User) -> None:
    lesson = record(structure, teacher)

    def names(person: User, scope: Scope) -> list[str]:
        return [line.pupil.username for line in attendance_for(person=person, scope=scope, lesson=lesson)]

    assert names(guardian, Scope.CHILD) == ["pia"]
    assert names(guardian, Scope.OWN) == []
    assert names(structure.jaka, Scope.OWN) == ["jaka"]
    assert names(guardian, Scope.NONE) == []


def test_a_homeroom_teacher_sees_the_class_that_is_led_and_not_that_of_the_own_child(
    structure: Structure, teacher: User, guardian: User
) -> None:
    """Gaja leads 4.a, and her daughter Pia goes to 3.a."""
    enrol(structure.other, guardian, EnrolmentRole.TEACHER, is_primary=True)
    lesson = record(structure, teacher)

    lines = attendance_for(person=guardian, scope=Scope.CLASS, lesson=lesson)

    assert [line.pupil.username for line in lines] == ["pia"]
