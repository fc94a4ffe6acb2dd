"""When the next lessons are, for a day that has none. The timetable says it, however far away they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from ediary_core.models import Enrolment, EnrolmentRole, TimetableEntry
from tenants.people.models import User

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A class meets on a weekday (1 is Monday) from a first to a last day."""

    school_class: UUID
    weekday: int
    first: date
    last: date


def next_school_day(*, after: date) -> date | None:
    """The first day on which anybody has a lesson."""
    return min(
        (day for row in _meetings(TimetableEntry.objects.all(), after) if (day := _next(row, after))), default=None
    )


def next_days_of(*, pupils: Collection[User], after: date) -> dict[UUID, date | None]:
    """The first day on which each of these pupils has a lesson, in two queries however many they are."""
    ids = [pupil.pk for pupil in pupils]
    enrolled = Enrolment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=after),
        Q(ended_on=None) | Q(ended_on__gt=after + _ONE_DAY),
        person__in=ids,
        role=EnrolmentRole.PUPIL,
    )
    meetings: dict[UUID, list[_Meeting]] = defaultdict(list)
    theirs = TimetableEntry.objects.filter(school_class__in=enrolled.values("school_class"))
    for row in _meetings(theirs, after):
        meetings[row.school_class].append(row)
    days: dict[UUID, list[date]] = defaultdict(list)
    spans = enrolled.values_list("person", "school_class", "begins_on", "ends_on", "ended_on")
    for person, school_class, begins_on, ends_on, ended_on in spans:
        last = _last_day(ends_on, ended_on)
        # The day before the enrolment begins is as good as today: there is no lesson until then.
        since = max(after, begins_on - _ONE_DAY) if begins_on else after
        found = (_next(row, since) for row in meetings[school_class])
        days[person] += [day for day in found if day and day <= last]
    return {pupil: min(days[pupil], default=None) for pupil in ids}


def _meetings(entries: QuerySet[TimetableEntry], after: date) -> Iterable[_Meeting]:
    entries = entries.filter(Q(ends_on=None) | Q(ends_on__gt=after), school_class__ends_on__gt=after)
    of_class = [f"school_class__{name}" for name in ("begins_on", "ends_on", "ended_on")]
    rows = entries.values_list("school_class", "weekday", "begins_on", "ends_on", *of_class).distinct()
    for school_class, weekday, begins_on, ends_on, class_begins_on, class_ends_on, class_ended_on in rows:
        last = min(_last_day(ends_on, None), _last_day(class_ends_on, class_ended_on))
        yield _Meeting(school_class, weekday, max(begins_on, class_begins_on), last)


def _last_day(ends_on: date | None, ended_on: date | None) -> date:
    """`ends_on` is the last day of a plan, `ended_on` the first day after an end that no plan knew."""
    return min(ends_on or date.max, ended_on - _ONE_DAY if ended_on else date.max)


def _next(row: _Meeting, after: date) -> date | None:
    begin = max(row.first, after + _ONE_DAY)
    day = begin + timedelta(days=(row.weekday - begin.isoweekday()) % 7)
    return day if day <= row.last else None
