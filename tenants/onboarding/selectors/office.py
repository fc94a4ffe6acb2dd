"""What the school's office keeps an eye on, each with one query."""

from dataclasses import dataclass

from django.db.models import Count, Q

from tenants.people.models import ContactPoint, User


@dataclass(frozen=True, slots=True)
class Open:
    """How many still need something, of how many."""

    number: int
    total: int

    @property
    def done(self) -> int:
        return self.total - self.number


def accounts_never_used() -> Open:
    """Active people who have never logged in."""
    counted = User.objects.filter(is_active=True).aggregate(total=Count("pk"), never=Count("pk", Q(last_login=None)))
    return Open(counted["never"], counted["total"])


def addresses_not_confirmed() -> Open:
    """Addresses in use that nobody has proved to be theirs."""
    addresses = ContactPoint.objects.filter(is_active=True, user__is_active=True)
    counted = addresses.aggregate(total=Count("pk"), open=Count("pk", Q(verified_at=None)))
    return Open(counted["open"], counted["total"])
