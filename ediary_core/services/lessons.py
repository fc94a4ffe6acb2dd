from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ediary_core.models import Attendance, AttendanceStatus, Lesson, SchoolClass
from ediary_core.selectors.enrolments import pupils_of, teachers_of
from tenants.people.models import User


class LessonAlreadyRecorded(Exception):
    """The class already has a lesson with this number on this day."""


class LessonOutsideTerm(Exception):
    """The class does not meet on this day: before its term, after it, dissolved, or still to come."""


class NotTeacherOfClass(Exception):
    """Somebody else teaches this class; a lesson given in a colleague's stead is marked as a substitution."""


class AttendanceMismatch(Exception):
    """The list of pupils does not fit the class on that day."""

    def __init__(self, *, missing: frozenset[UUID], strangers: frozenset[UUID]) -> None:
        self.missing, self.strangers = missing, strangers
        super().__init__(f"{len(missing)} pupils without attendance, {len(strangers)} who are not in the class")


@transaction.atomic
def record_lesson(
    *,
    teacher: User,
    school_class: SchoolClass,
    held_on: date,
    period: int,
    topic: str,
    attendance: Mapping[UUID, AttendanceStatus],
    today: date,
    is_substitution: bool = False,
) -> Lesson:
    """Record a lesson with the attendance of every pupil of the class. `today` is the day in the school's zone."""
    ended = school_class.ended_on is not None and held_on >= school_class.ended_on
    if ended or not school_class.begins_on <= held_on <= min(school_class.ends_on, today):
        raise LessonOutsideTerm
    if not is_substitution and not teachers_of(school_class=school_class, on=held_on).filter(pk=teacher.pk).exists():
        raise NotTeacherOfClass
    enrolled = frozenset(pupils_of(school_class=school_class, on=held_on).values_list("pk", flat=True))
    if enrolled != attendance.keys():
        raise AttendanceMismatch(missing=enrolled - attendance.keys(), strangers=frozenset(attendance) - enrolled)
    lesson = Lesson(
        school_class=school_class,
        teacher=teacher,
        held_on=held_on,
        period=period,
        topic=topic,
        is_substitution=is_substitution,
        recorded_at=timezone.now(),
    )
    # The constraint decides, so that of two colleagues at the same moment one is told and neither waits in vain.
    Lesson.objects.bulk_create([lesson], ignore_conflicts=True)
    if not Lesson.objects.filter(pk=lesson.pk).exists():
        raise LessonAlreadyRecorded
    Attendance.objects.bulk_create(
        [Attendance(lesson=lesson, pupil_id=pupil, status=status) for pupil, status in attendance.items()]
    )
    return lesson


@transaction.atomic
def change_attendance(*, lesson: Lesson, pupil: User, status: AttendanceStatus) -> None:
    """Correct one pupil's line of a recorded lesson, for example when an absence has been excused."""
    changed = Attendance.objects.filter(lesson=lesson, pupil=pupil).update(status=status)
    if not changed:
        raise AttendanceMismatch(missing=frozenset(), strangers=frozenset({pupil.pk}))
