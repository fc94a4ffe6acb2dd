from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q

from ediary_core.models import Attendance, AttendanceStatus, EnrolmentRole
from ediary_core.selectors.enrolments import enrolments_on, pupils_led_by
from tenants.access import Scope
from tenants.people.models import Guardianship, User

# Period and what was entered in it.
DayLines = list[tuple[int, AttendanceStatus]]


def attendance_of_day(*, person: User, scope: Scope, pupils: Collection[User], on: date) -> dict[UUID, DayLines]:
    """What was entered of each of these pupils in the recorded lessons of a day, within the scope: OWN of the lessons
    one gave and of classes one teaches, and one's own; CHILD also of one's children, CLASS of the pupils one leads,
    SCHOOL all. One query however many pupils."""
    found: dict[UUID, DayLines] = {pupil.pk: [] for pupil in pupils}
    if scope is Scope.NONE:
        return found
    lines = Attendance.objects.filter(pupil__in=list(found), lesson__held_on=on, lesson__recorded_at__isnull=False)
    if scope is not Scope.SCHOOL:
        taught = enrolments_on(on).filter(person=person, role=EnrolmentRole.TEACHER).values("school_class")
        reached = Q(pupil=person) | Q(lesson__teacher=person) | Q(lesson__school_class__in=taught)
        if scope >= Scope.CHILD:
            reached |= Q(pupil__in=Guardianship.objects.filter(guardian=person, is_active=True).values("pupil"))
        if scope >= Scope.CLASS:
            reached |= Q(pupil__in=pupils_led_by(person=person, on=on).values("person"))
        lines = lines.filter(reached)
    for pupil, period, status in lines.order_by("lesson__period").values_list("pupil", "lesson__period", "status"):
        found[pupil].append((period, AttendanceStatus(status)))
    return found
