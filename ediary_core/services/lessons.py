from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ediary_core.models import Attendance, AttendanceStatus, ChangeKind, Lesson, LessonChange, SchoolClass
from ediary_core.selectors.enrolments import pupils_of
from ediary_core.selectors.timetable import teaches
from tenants.people.models import User


class LessonAlreadyRecorded(Exception):
    """The class already has a lesson with this number on this day."""


class LessonOutsideTerm(Exception):
    """The class does not meet on this day: before its term, after it, dissolved, or still to come."""


class NotTeacherOfClass(Exception):
    """Somebody else teaches this class; a lesson given in a colleague's stead is marked as a substitution."""


class TopicMissing(Exception):
    """A lesson that counts as recorded says what it was about."""


class LessonHasEntries(Exception):
    """What somebody entered stays; only a substitution that was begun and nothing more can be taken back."""


class AttendanceMismatch(Exception):
    """The list of pupils does not fit the class on that day."""

    def __init__(self, *, missing: frozenset[UUID], strangers: frozenset[UUID]) -> None:
        self.missing, self.strangers = missing, strangers
        super().__init__(f"{len(missing)} pupils without attendance, {len(strangers)} who are not in the class")


@transaction.atomic
def begin_lesson(
    *,
    teacher: User,
    school_class: SchoolClass,
    held_on: date,
    period: int,
    today: date,
    is_substitution: bool = False,
) -> Lesson:
    """Open a lesson, with nothing recorded in it yet. `today` is the day in the school's zone."""
    ended = school_class.ended_on is not None and held_on >= school_class.ended_on
    if ended or not school_class.begins_on <= held_on <= min(school_class.ends_on, today):
        raise LessonOutsideTerm
    if not is_substitution and not teaches(person=teacher, school_class=school_class, on=held_on):
        raise NotTeacherOfClass
    lesson = Lesson(
        school_class=school_class, teacher=teacher, held_on=held_on, period=period, is_substitution=is_substitution
    )
    # The constraint decides, so that of two colleagues at the same moment one is told and neither waits in vain.
    Lesson.objects.bulk_create([lesson], ignore_conflicts=True)
    if not Lesson.objects.filter(pk=lesson.pk).exists():
        raise LessonAlreadyRecorded
    return lesson


@transaction.atomic
def take_back_substitution(*, teacher: User, lesson: Lesson) -> None:
    """As if this teacher had not begun it. The history loses nothing: it holds no entry of this lesson."""
    # Held before it is looked at, so that an entry on its way finds either the lesson or none.
    begun = Lesson.objects.select_for_update().filter(pk=lesson.pk, teacher=teacher, is_substitution=True).first()
    if begun is None:
        raise NotTeacherOfClass
    if LessonChange.objects.filter(lesson=begun).exists() or Attendance.objects.filter(lesson=begun).exists():
        raise LessonHasEntries
    begun.delete()


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
    if not topic:
        raise TopicMissing
    lesson = begin_lesson(
        teacher=teacher,
        school_class=school_class,
        held_on=held_on,
        period=period,
        today=today,
        is_substitution=is_substitution,
    )
    enrolled = frozenset(pupils_of(school_class=school_class, on=held_on).values_list("pk", flat=True))
    if enrolled != attendance.keys():
        raise AttendanceMismatch(missing=enrolled - attendance.keys(), strangers=frozenset(attendance) - enrolled)
    now = timezone.now()
    lesson.topic, lesson.recorded_at = topic, now
    lesson.save(update_fields=["topic", "recorded_at"])
    Attendance.objects.bulk_create(
        [Attendance(lesson=lesson, pupil_id=pupil, status=status) for pupil, status in attendance.items()]
    )
    entered = {"lesson": lesson, "entered_by": teacher, "entered_at": now, "is_applied": True}
    LessonChange.objects.bulk_create(
        [
            LessonChange(kind=ChangeKind.TOPIC, after=topic, **entered),
            *(
                LessonChange(kind=ChangeKind.ATTENDANCE, pupil_id=pupil, after=status, **entered)
                for pupil, status in attendance.items()
            ),
        ]
    )
    return lesson


def hold_lesson(lesson: Lesson) -> None:
    """Keep everybody else from writing into this lesson until the transaction ends. Whoever writes into a lesson holds
    its row, and takes hold of it before any line: two who begin at different ends would wait for each other."""
    Lesson.objects.select_for_update().get(pk=lesson.pk)


@transaction.atomic
def change_attendance(*, lesson: Lesson, pupil: User, status: AttendanceStatus, by: User) -> None:
    """Correct one pupil's line of a lesson, for example when an absence has been excused. What it said before stays in
    the lesson's history."""
    # So that before and after in the history fit together.
    hold_lesson(lesson)
    line = Attendance.objects.filter(lesson=lesson, pupil=pupil).first()
    if line is None:
        raise AttendanceMismatch(missing=frozenset(), strangers=frozenset({pupil.pk}))
    LessonChange.objects.create(
        lesson=lesson,
        kind=ChangeKind.ATTENDANCE,
        pupil=pupil,
        before=line.status,
        after=status,
        entered_by=by,
        entered_at=timezone.now(),
        is_applied=True,
    )
    line.status = status
    line.save(update_fields=["status"])
