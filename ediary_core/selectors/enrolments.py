from datetime import date

from django.db.models import Q, QuerySet

from ediary_core.models import ClassKind, Enrolment, EnrolmentRole, SchoolClass
from tenants.people.models import User


def _holds_on(day: date) -> Q:
    return (
        (Q(begins_on=None) | Q(begins_on__lte=day))
        & (Q(ends_on=None) | Q(ends_on__gte=day))
        & (Q(ended_on=None) | Q(ended_on__gt=day))
    )


def enrolments_on(day: date) -> QuerySet[Enrolment]:
    """Who belongs to which class on a day, also on a day that has passed."""
    return Enrolment.objects.filter(_holds_on(day))


def pupils_of(*, school_class: SchoolClass, on: date) -> QuerySet[User]:
    """The pupils of a class on a day, in the order of a class register."""
    enrolled = enrolments_on(on).filter(school_class=school_class, role=EnrolmentRole.PUPIL)
    return User.objects.filter(pk__in=enrolled.values("person")).order_by("family_name", "given_name", "id")


def teachers_of(*, school_class: SchoolClass, on: date) -> QuerySet[User]:
    enrolled = enrolments_on(on).filter(school_class=school_class, role=EnrolmentRole.TEACHER)
    return User.objects.filter(pk__in=enrolled.values("person")).order_by("family_name", "given_name", "id")


def pupils_led_by(*, person: User, on: date) -> QuerySet[Enrolment]:
    """The enrolments of pupils in the homeroom classes that a teacher leads on a day."""
    led = enrolments_on(on).filter(
        person=person, role=EnrolmentRole.TEACHER, is_primary=True, school_class__kind=ClassKind.HOMEROOM
    )
    return enrolments_on(on).filter(school_class__in=led.values("school_class"), role=EnrolmentRole.PUPIL)
