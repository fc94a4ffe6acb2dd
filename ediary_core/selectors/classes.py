from datetime import date

from django.db.models import Q, QuerySet

from ediary_core.models import SchoolClass
from ediary_core.selectors.enrolments import enrolments_on, pupils_led_by
from tenants.access import Scope
from tenants.people.models import Guardianship, User


def classes_for(*, person: User, scope: Scope, on: date) -> QuerySet[SchoolClass]:
    """The classes of that day within the scope: OWN those one teaches or attends, CHILD also one's children's, CLASS
    also all that the pupils of the class one leads attend, SCHOOL every one. Out of reach is not in the list."""
    classes = SchoolClass.objects.filter(Q(ended_on=None) | Q(ended_on__gt=on), begins_on__lte=on, ends_on__gte=on)
    if scope is Scope.NONE:
        return classes.none()
    if scope is Scope.SCHOOL:
        return classes.order_by("title", "id")
    reached = Q(pk__in=enrolments_on(on).filter(person=person).values("school_class"))
    if scope >= Scope.CHILD:
        wards = Guardianship.objects.filter(guardian=person, is_active=True).values("pupil")
        reached |= Q(pk__in=enrolments_on(on).filter(person__in=wards).values("school_class"))
    if scope >= Scope.CLASS:
        pupils = pupils_led_by(person=person, on=on)
        reached |= Q(pk__in=enrolments_on(on).filter(person__in=pupils.values("person")).values("school_class"))
    return classes.filter(reached).order_by("title", "id")
