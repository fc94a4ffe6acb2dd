from datetime import date

from django.db.models import Q, QuerySet

from ediary_core.models import SchoolClass
from ediary_core.selectors.enrolments import pupils_led_by, pupils_of
from ediary_core.selectors.timetable import teaches
from tenants.access import Scope
from tenants.people.models import Guardianship, User


def pupils_for(*, person: User, scope: Scope, school_class: SchoolClass, on: date) -> QuerySet[User]:
    """The pupils of a class within the scope: OWN all of them to whoever teaches it and oneself to a pupil, CHILD also
    one's children, CLASS also those one leads, SCHOOL all of them."""
    pupils = pupils_of(school_class=school_class, on=on)
    if scope is Scope.NONE:
        return pupils.none()
    if scope is Scope.SCHOOL or teaches(person=person, school_class=school_class, on=on):
        return pupils
    reached = Q(pk=person.pk)
    if scope >= Scope.CHILD:
        reached |= Q(pk__in=Guardianship.objects.filter(guardian=person, is_active=True).values("pupil"))
    if scope >= Scope.CLASS:
        reached |= Q(pk__in=pupils_led_by(person=person, on=on).values("person"))
    return pupils.filter(reached)
