"""A day at school as three people see it: the teacher, the guardian, the director."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ediary_core.models import (
    Attendance,
    AttendanceStatus,
    Bell,
    EnrolmentRole,
    Lesson,
    SchoolClass,
    TimetableEntry,
)
from ediary_core.selectors.enrolments import enrolments_on
from ediary_core.selectors.timetable import bells, planned_for, planned_on
from tenants.people.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Not in the classroom, whatever the reason.
ABSENCES = frozenset(
    {
        AttendanceStatus.ABSENT,
        AttendanceStatus.EXCUSED,
        AttendanceStatus.UNEXCUSED,
        AttendanceStatus.ILL,
        AttendanceStatus.SCHOOL_DUTY,
        AttendanceStatus.RELEASED,
    }
)


class LessonState(StrEnum):
    PLANNED = "planned"
    BEGUN = "begun"
    RECORDED = "recorded"

    @property
    def label(self) -> "StrPromise":
        return _LABELS[self]


_LABELS = {
    LessonState.PLANNED: _("Not recorded yet"),
    LessonState.BEGUN: _("Begun"),
    LessonState.RECORDED: _("Recorded"),
}


@dataclass(frozen=True, slots=True)
class LessonOfDay:
    """A lesson that is planned, or given outside the timetable. `lesson` is None until it is begun."""

    school_class: SchoolClass
    held_on: date
    period: int
    bell: Bell | None
    lesson: Lesson | None

    @property
    def state(self) -> LessonState:
        if self.lesson is None:
            return LessonState.PLANNED
        return LessonState.BEGUN if self.lesson.recorded_at is None else LessonState.RECORDED


@dataclass(frozen=True, slots=True)
class ChildLesson:
    """A lesson of a child's day. The attendance is None until the teacher has recorded the whole lesson."""

    lesson: LessonOfDay
    attendance: AttendanceStatus | None

    @property
    def title(self) -> str:
        """What is taught; of a homeroom class or a preschool group its name."""
        school_class = self.lesson.school_class
        return school_class.subject.title if school_class.subject else school_class.title

    @property
    def topic(self) -> str:
        lesson = self.lesson.lesson
        return lesson.topic if lesson is not None and lesson.recorded_at is not None else ""


@dataclass(frozen=True, slots=True)
class ChildDay:
    pupil_id: UUID
    lessons: tuple[ChildLesson, ...] = field(default=())

    @property
    def absences(self) -> int:
        return sum(line.attendance in ABSENCES for line in self.lessons)


@dataclass(frozen=True, slots=True)
class UnrecordedLesson:
    lesson: LessonOfDay
    teachers: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class SchoolDay:
    """`planned` are all lessons of the day, also those given besides the timetable. `planned_so_far` are those whose
    bell has rung, of today, or that are recorded already; all of a day that has passed, none of a day to come.
    `unrecorded` are those of them that are over. Without bells a day is over at midnight."""

    on: date
    absent_pupils: int
    planned: int
    planned_so_far: int
    recorded: int
    substitutions: int
    unrecorded: tuple[UnrecordedLesson, ...]


def lessons_today(*, teacher: User, on: date) -> list[LessonOfDay]:
    """The teacher's day: what the timetable says, with what has become of it, and what was given besides."""
    planned = {(entry.school_class_id, entry.period): entry for entry in planned_for(teacher=teacher, on=on)}
    own = Q(teacher=teacher) | Q(school_class__in={school_class for school_class, _period in planned})
    given = Lesson.objects.filter(own, held_on=on).select_related("school_class__subject", "teacher")
    found = [lesson for lesson in given if lesson.teacher_id == teacher.pk or _place(lesson) in planned]
    return _merged(planned.values(), found, on)


def child_days(*, pupils: Collection[User], on: date) -> dict[UUID, ChildDay]:
    """The day of each of these pupils, in five queries however many they are. The caller has chosen the pupils."""
    ids = [pupil.pk for pupil in pupils]
    classes_of: dict[UUID, set[UUID]] = defaultdict(set)
    enrolled = enrolments_on(on).filter(person__in=ids, role=EnrolmentRole.PUPIL)
    for person, school_class in enrolled.values_list("person", "school_class"):
        classes_of[person].add(school_class)
    classes = set().union(*classes_of.values())
    given = Lesson.objects.filter(held_on=on, school_class__in=classes).select_related("school_class__subject")
    day = _merged(planned_on(on).filter(school_class__in=classes), given, on)
    lines = Attendance.objects.filter(pupil__in=ids, lesson__held_on=on, lesson__recorded_at__isnull=False).values_list(
        "pupil", "lesson", "status"
    )
    status_of = {(pupil, lesson): AttendanceStatus(status) for pupil, lesson, status in lines}
    return {
        pupil: ChildDay(
            pupil,
            tuple(
                ChildLesson(of_day, status_of.get((pupil, of_day.lesson.pk)) if of_day.lesson else None)
                for of_day in day
                if of_day.school_class.pk in classes_of[pupil]
            ),
        )
        for pupil in ids
    }


def school_day(*, on: date, now: datetime | None = None) -> SchoolDay:
    """The whole school's day. `now` is this moment."""
    moment = timezone.localtime(now)
    planned = list(planned_on(on).select_related("teacher"))
    given = Lesson.objects.filter(held_on=on).select_related("school_class__subject", "teacher")
    day = _merged(planned, given, on)
    open_lessons = [lesson for lesson in day if lesson.state is not LessonState.RECORDED and _is_over(lesson, moment)]
    named = {(entry.school_class_id, entry.period): entry.teacher for entry in planned if entry.teacher}
    teachers = _teachers_of({lesson.school_class.pk for lesson in open_lessons}, on)
    absent = Attendance.objects.filter(lesson__held_on=on, status__in=ABSENCES).values("pupil").distinct().count()
    return SchoolDay(
        on=on,
        absent_pupils=absent,
        planned=len(day),
        planned_so_far=sum(lesson.state is LessonState.RECORDED or _has_begun(lesson, moment) for lesson in day),
        recorded=sum(lesson.state is LessonState.RECORDED for lesson in day),
        substitutions=sum(lesson.lesson is not None and lesson.lesson.is_substitution for lesson in day),
        unrecorded=tuple(UnrecordedLesson(lesson, _responsible(lesson, named, teachers)) for lesson in open_lessons),
    )


def _place(lesson: Lesson) -> tuple[UUID, int]:
    return (lesson.school_class_id, lesson.period)


def _merged(planned: Iterable[TimetableEntry], given: Iterable[Lesson], on: date) -> list[LessonOfDay]:
    """Planned and given lessons of a day as one list in the order of the day."""
    rung = bells()
    classes = {(entry.school_class_id, entry.period): entry.school_class for entry in planned}
    lessons = {_place(lesson): lesson for lesson in given}
    classes |= {place: lesson.school_class for place, lesson in lessons.items()}
    found = [
        LessonOfDay(school_class, on, period, rung.get(period), lessons.get((pk, period)))
        for (pk, period), school_class in classes.items()
    ]
    return sorted(found, key=lambda lesson: (lesson.period, lesson.school_class.title, lesson.school_class.pk))


def _has_begun(lesson: LessonOfDay, moment: datetime) -> bool:
    if lesson.held_on != moment.date():
        return lesson.held_on < moment.date()
    return lesson.bell is None or lesson.bell.begins_at <= moment.time()


def _is_over(lesson: LessonOfDay, moment: datetime) -> bool:
    if lesson.held_on != moment.date():
        return lesson.held_on < moment.date()
    return lesson.bell is not None and lesson.bell.ends_at <= moment.time()


def _responsible(
    lesson: LessonOfDay, named: Mapping[tuple[UUID, int], User], teachers: Mapping[UUID, list[User]]
) -> tuple[User, ...]:
    """Who is to record it: whoever began it, whom the timetable names, or whoever teaches the class."""
    if lesson.lesson is not None:
        return (lesson.lesson.teacher,)
    place = (lesson.school_class.pk, lesson.period)
    return (named[place],) if place in named else tuple(teachers[lesson.school_class.pk])


def _teachers_of(classes: Collection[UUID], on: date) -> dict[UUID, list[User]]:
    found: dict[UUID, list[User]] = defaultdict(list)
    enrolled = enrolments_on(on).filter(school_class__in=classes, role=EnrolmentRole.TEACHER)
    for enrolment in enrolled.select_related("person").order_by("person__family_name", "person__given_name", "id"):
        found[enrolment.school_class_id].append(enrolment.person)
    return found
