"""A small school for the tests of the diary."""

from dataclasses import dataclass
from datetime import date, time

from ediary_core.models import (
    Bell,
    ClassKind,
    Enrolment,
    EnrolmentRole,
    SchoolClass,
    Subject,
    TimetableEntry,
)
from tenants.access import Role
from tenants.people.models import User
from tests.school.conftest import enter

# A Friday.
TODAY = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class Structure:
    homeroom: SchoolClass
    maths: SchoolClass
    other: SchoolClass
    pia: User
    jaka: User


def build(teacher: User, pupil: User) -> Structure:
    """3.a with Pia and Jaka, led by nobody yet; Tomaz teaches them mathematics; 4.a has nobody."""
    subject = Subject.objects.create(title="Matematika", code="MAT")
    span = {"school_year": 2027, "begins_on": date(2026, 9, 1), "ends_on": date(2027, 6, 24)}
    homeroom = SchoolClass.objects.create(title="3.a", kind=ClassKind.HOMEROOM, **span)
    maths = SchoolClass.objects.create(title="Matematika 3.a", kind=ClassKind.SCHEDULED, subject=subject, **span)
    other = SchoolClass.objects.create(title="4.a", kind=ClassKind.HOMEROOM, **span)
    jaka = enter("jaka", Role.PUPIL)
    enrol(maths, teacher, EnrolmentRole.TEACHER)
    for school_class in (homeroom, maths):
        for person in (pupil, jaka):
            enrol(school_class, person, EnrolmentRole.PUPIL)
    return Structure(homeroom, maths, other, pupil, jaka)


def enrol(school_class: SchoolClass, person: User, role: EnrolmentRole, **fields: object) -> Enrolment:
    return Enrolment.objects.create(school_class=school_class, person=person, role=role, **fields)


def plan(school_class: SchoolClass, period: int, weekday: int = 5, **fields: object) -> TimetableEntry:
    given = {"begins_on": date(2026, 9, 1), **fields}
    return TimetableEntry.objects.create(school_class=school_class, weekday=weekday, period=period, **given)


def ring(*, period: int, begins_at: time, ends_at: time) -> Bell:
    return Bell.objects.create(period=period, begins_at=begins_at, ends_at=ends_at)
