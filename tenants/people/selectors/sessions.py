from django.db.models import QuerySet

from tenants.people.models import SchoolSession, User
from tenants.sessions import present


def sessions_of(person: User) -> QuerySet[SchoolSession]:
    """Where this person is logged in now, the newest first."""
    return present(SchoolSession.objects.filter(user_id=person.pk))
