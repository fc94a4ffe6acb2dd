from django.db.models import QuerySet
from django.utils import timezone

from tenants.people.models import SchoolSession, User


def sessions_of(person: User) -> QuerySet[SchoolSession]:
    """Where this person is logged in now, the newest first."""
    return SchoolSession.objects.filter(user_id=person.pk, expire_date__gt=timezone.now()).order_by("-began_at")
