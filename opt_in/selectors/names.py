from collections.abc import Iterable
from uuid import UUID

from tenants.people.models import User


def names_of(people: Iterable[UUID]) -> dict[UUID, str]:
    """Full names by id. Who was erased is not in it."""
    return {person.id: person.full_name for person in User.objects.filter(pk__in=set(people))}
