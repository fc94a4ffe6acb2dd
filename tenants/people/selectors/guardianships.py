from django.db.models import QuerySet

from tenants.people.models import Guardianship, User


def wards_of(person: User) -> QuerySet[Guardianship]:
    """The children somebody is guardian of, by their names."""
    return (
        Guardianship.objects.filter(guardian=person, is_active=True)
        .select_related("pupil")
        .order_by("pupil__given_name", "pupil__family_name", "pupil")
    )
