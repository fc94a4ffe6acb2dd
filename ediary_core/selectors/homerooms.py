from collections.abc import Collection
from datetime import date
from uuid import UUID

from ediary_core.models import ClassKind, EnrolmentRole
from ediary_core.selectors.enrolments import enrolments_on
from tenants.people.models import User


def homerooms_of(*, pupils: Collection[User], on: date) -> dict[UUID, str]:
    """The title of each pupil's own class or group on a day, in one query."""
    enrolled = enrolments_on(on).filter(
        person__in=[pupil.pk for pupil in pupils],
        role=EnrolmentRole.PUPIL,
        school_class__kind=ClassKind.HOMEROOM,
    )
    return dict(enrolled.order_by("school_class__title").values_list("person", "school_class__title"))
