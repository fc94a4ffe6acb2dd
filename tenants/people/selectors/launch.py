"""What a school needs before it opens, and who could chair its Parents' Council."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.db.models import Exists, OuterRef, Q

from tenants.access import STAFF, Role
from tenants.people.models import Channel, ContactPoint, RoleAssignment, User
from tenants.people.selectors.contacts import people_with_login


@dataclass(frozen=True, slots=True)
class Launch:
    """`chair` is who chairs the Parents' Council now."""

    pupils: int
    guardians: int
    has_verified_mail: bool
    chair: User | None

    @property
    def has_people(self) -> bool:
        return bool(self.pupils and self.guardians)

    @property
    def is_ready(self) -> bool:
        """Without people there is nobody to open for; the rest may follow."""
        return self.has_people


def launch_of(director: User) -> Launch:
    held = RoleAssignment.objects.filter(until=None, user__is_active=True)
    return Launch(
        pupils=held.filter(role=Role.PUPIL).count(),
        guardians=held.filter(role=Role.GUARDIAN).count(),
        has_verified_mail=has_verified_mail(director),
        chair=chair_now(),
    )


def has_verified_mail(person: User) -> bool:
    points = ContactPoint.objects.filter(user=person, channel=Channel.EMAIL, is_active=True)
    return points.filter(verified_at__isnull=False).exists()


def chair_now() -> User | None:
    return User.objects.filter(is_active=True, role_assignments__role=Role.CHAIR, role_assignments__until=None).first()


def could_chair(query: str, *, country: str) -> Sequence[User]:
    """Active guardians who are no staff, by words of the name, by user name, address or mobile number."""
    held = RoleAssignment.objects.filter(user=OuterRef("pk"), until=None)
    guardians = User.objects.filter(
        Exists(held.filter(role=Role.GUARDIAN)), ~Exists(held.filter(role__in=STAFF)), is_active=True
    )
    words = query.split()
    if not words:
        return []
    by_name = reduce(and_, (_has_in_name(word) for word in words))
    by_login = Q(pk__in=[person.pk for person in people_with_login(query, country=country)])
    return list(guardians.filter(by_name | by_login))


def _has_in_name(word: str) -> Q:
    return Q(given_name__icontains=word) | Q(middle_name__icontains=word) | Q(family_name__icontains=word)
