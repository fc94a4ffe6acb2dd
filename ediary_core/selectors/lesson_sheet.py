"""What a teacher has in front of them while recording a lesson."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ediary_core.models import Attendance, AttendanceStatus, Bell, ChangeKind, Lesson, LessonChange, SchoolClass
from ediary_core.selectors.enrolments import pupils_of
from ediary_core.selectors.namesakes import Sign, signs_of
from ediary_core.selectors.register_order import in_register_order
from ediary_core.selectors.timetable import teaches
from tenants.people.models import User


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A pupil's line: the status that holds, if any, and the change by which it does; of namesakes what tells them
    apart."""

    pupil: User
    status: AttendanceStatus | None
    change_id: UUID | None
    sign: Sign | None


@dataclass(frozen=True, slots=True)
class LessonSheet:
    """`lesson` is None until the first entry begins it; `is_untouched` as long as nothing is in its history."""

    school_class: SchoolClass
    held_on: date
    period: int
    bell: Bell | None
    lesson: Lesson | None
    lines: tuple[SheetLine, ...]
    topic_change_id: UUID | None
    is_own_class: bool
    is_untouched: bool

    @property
    def topic(self) -> str:
        return self.lesson.topic if self.lesson else ""

    @property
    def is_substitution(self) -> bool:
        return self.lesson is not None and self.lesson.is_substitution

    @property
    def is_recorded(self) -> bool:
        return self.lesson is not None and self.lesson.recorded_at is not None

    @property
    def can_be_taken_back(self) -> bool:
        """A substitution that was begun, and nothing more."""
        return self.lesson is not None and not self.is_own_class and self.is_untouched

    @property
    def entered(self) -> int:
        return sum(line.status is not None for line in self.lines)


def lesson_sheet(*, person: User, class_id: UUID, held_on: date, period: int, language: str) -> LessonSheet | None:
    """The sheet of a lesson that this person may record: in a class they teach on that day, or one they began in a
    colleague's stead. None for any other, and for a day on which the class does not meet. The pupils are in the order
    of the school's language."""
    school_class = SchoolClass.objects.select_related("subject").filter(pk=class_id).first()
    if school_class is None or not meets(school_class, held_on):
        return None
    found = Lesson.objects.select_related("teacher").filter(school_class=school_class, held_on=held_on, period=period)
    lesson = found.first()
    is_own_class = teaches(person=person, school_class=school_class, on=held_on)
    if not is_own_class and (lesson is None or lesson.teacher_id != person.pk):
        return None
    statuses: dict[UUID, str] = {}
    changes: dict[UUID | None, UUID] = {}
    if lesson is not None:
        statuses = dict(Attendance.objects.filter(lesson=lesson).values_list("pupil", "status"))
        kinds = (ChangeKind.ATTENDANCE, ChangeKind.TOPIC)
        applied = LessonChange.objects.filter(lesson=lesson, is_applied=True, kind__in=kinds)
        changes = dict(applied.order_by("entered_at", "received_at").values_list("pupil", "pk"))
    pupils = in_register_order(pupils_of(school_class=school_class, on=held_on), language=language)
    signs = signs_of(pupils, on=held_on)
    return LessonSheet(
        school_class=school_class,
        held_on=held_on,
        period=period,
        bell=Bell.objects.filter(pk=period).first(),
        lesson=lesson,
        lines=tuple(
            SheetLine(
                pupil,
                AttendanceStatus(statuses[pupil.pk]) if pupil.pk in statuses else None,
                changes.get(pupil.pk),
                signs.get(pupil.pk),
            )
            for pupil in pupils
        ),
        topic_change_id=changes.get(None),
        is_own_class=is_own_class,
        is_untouched=not changes and not statuses,
    )


def meets(school_class: SchoolClass, on: date) -> bool:
    ended = school_class.ended_on is not None and on >= school_class.ended_on
    return not ended and school_class.begins_on <= on <= school_class.ends_on
