from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from django.db import transaction

from ediary_core.models import Bell, TimetableEntry


@dataclass(frozen=True, slots=True)
class PlannedLesson:
    """A class on a weekday (1 is Monday) in a period; with a teacher where it is not whoever teaches the class."""

    school_class_id: UUID
    weekday: int
    period: int
    teacher_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PutTimetable:
    """How many lessons of the week are new, ended and as they were."""

    begun: int
    ended: int
    unchanged: int


@transaction.atomic
def put_timetable(*, lessons: Collection[PlannedLesson], from_on: date) -> PutTimetable:
    """From this day on these lessons of the week hold, and no others. Days before it keep what held on them."""
    wanted = set(lessons)
    current = TimetableEntry.objects.select_for_update().filter(ends_on=None)
    kept: set[PlannedLesson] = set()
    ended: list[TimetableEntry] = []
    for entry in current:
        lesson = PlannedLesson(entry.school_class_id, entry.weekday, entry.period, entry.teacher_id)
        if lesson in wanted and entry.begins_on <= from_on:
            kept.add(lesson)
        else:
            ended.append(entry)
    last_day = from_on - timedelta(days=1)
    never_held = [entry.pk for entry in ended if entry.begins_on > last_day]
    TimetableEntry.objects.filter(pk__in=never_held).delete()
    TimetableEntry.objects.filter(pk__in=[entry.pk for entry in ended]).update(ends_on=last_day)
    # Of an earlier change that was to hold until a later day than this.
    TimetableEntry.objects.filter(ends_on__gte=from_on, begins_on__lt=from_on).update(ends_on=last_day)
    TimetableEntry.objects.filter(ends_on__gte=from_on, begins_on__gte=from_on).delete()
    TimetableEntry.objects.bulk_create(
        [
            TimetableEntry(
                school_class_id=lesson.school_class_id,
                weekday=lesson.weekday,
                period=lesson.period,
                teacher_id=lesson.teacher_id,
                begins_on=from_on,
            )
            for lesson in sorted(
                wanted - kept, key=lambda lesson: (lesson.weekday, lesson.period, lesson.school_class_id)
            )
        ]
    )
    return PutTimetable(begun=len(wanted - kept), ended=len(ended), unchanged=len(kept))


@transaction.atomic
def put_bells(*, bells: Collection[tuple[int, time, time]]) -> None:
    """Period, begin and end of each bell; the school has these and no others."""
    Bell.objects.exclude(period__in=[period for period, _begins, _ends in bells]).delete()
    Bell.objects.bulk_create(
        [Bell(period=period, begins_at=begins, ends_at=ends) for period, begins, ends in bells],
        update_conflicts=True,
        unique_fields=["period"],
        update_fields=["begins_at", "ends_at"],
    )
