from datetime import date, timedelta

from django.db.models import Q, QuerySet

from ediary_core.models import Bell, EnrolmentRole, SchoolClass, TimetableEntry
from ediary_core.selectors.enrolments import enrolments_on, teachers_of
from tenants.people.models import User


def planned_on(day: date) -> QuerySet[TimetableEntry]:
    """What the timetable says of a day, in its order; classes that do not meet on that day are left out."""
    return (
        TimetableEntry.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=day),
            Q(school_class__ended_on=None) | Q(school_class__ended_on__gt=day),
            weekday=day.isoweekday(),
            begins_on__lte=day,
            school_class__begins_on__lte=day,
            school_class__ends_on__gte=day,
        )
        .select_related("school_class__subject")
        .order_by("period", "school_class__title", "id")
    )


def planned_for(*, teacher: User, on: date) -> QuerySet[TimetableEntry]:
    """A teacher's own: the classes they teach, unless somebody else is named, and those where they are named."""
    taught = enrolments_on(on).filter(person=teacher, role=EnrolmentRole.TEACHER)
    return planned_on(on).filter(Q(teacher=teacher) | Q(teacher=None, school_class__in=taught.values("school_class")))


def next_planned_day(*, teacher: User, after: date) -> date | None:
    """The first day of the coming week on which the teacher has a lesson."""
    for days in range(1, 8):
        day = after + timedelta(days=days)
        if planned_for(teacher=teacher, on=day).exists():
            return day
    return None


def teaches(*, person: User, school_class: SchoolClass, on: date) -> bool:
    """Whether the class is this teacher's on that day, by the roster or because the timetable names them."""
    return (
        teachers_of(school_class=school_class, on=on).filter(pk=person.pk).exists()
        or planned_on(on).filter(school_class=school_class, teacher=person).exists()
    )


def bells() -> dict[int, Bell]:
    """When each period begins and ends; empty where the school has not said so."""
    return {bell.period: bell for bell in Bell.objects.all()}
