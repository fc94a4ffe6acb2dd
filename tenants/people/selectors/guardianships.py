from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from tenants.people.models import Guardianship, User


def wards_of_each(people: Collection[User]) -> dict[UUID, list[User]]:
    """The children of several guardians, by their names, in one query."""
    found: dict[UUID, list[User]] = {person.pk: [] for person in people}
    pairs = Guardianship.objects.filter(guardian__in=list(found), is_active=True).select_related("pupil")
    for pair in pairs.order_by("pupil__given_name", "pupil__family_name", "pupil"):
        found[pair.guardian_id].append(pair.pupil)
    return found


def wards_of(person: User) -> QuerySet[Guardianship]:
    """The children somebody is guardian of, by their names."""
    return (
        Guardianship.objects.filter(guardian=person, is_active=True)
        .select_related("pupil")
        .order_by("pupil__given_name", "pupil__family_name", "pupil")
    )
