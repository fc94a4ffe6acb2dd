"""Keeps the gate's register of subjects equal to our people: called in the transaction that changes them."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.utils import timezone

from opt_in.gate import school as gate
from tenants.access import STAFF, Role
from tenants.people.models import Guardianship, RoleAssignment, User

ADULT_AT = 18


def publish_subjects(*, user_ids: Collection[UUID]) -> None:
    """Tell the gate who these people are now: roles, adult, active, language.

    Their rows are locked first and read afterwards: of two transactions at once the second would otherwise tell what it
    read before the first ended, and the gate would go on taking for a guardian whoever is none any more.
    """
    people = lock_people(user_ids)
    if not people:
        return
    roles: dict[UUID, set[Role]] = {}
    for user_id, role in RoleAssignment.objects.filter(user_id__in=user_ids, until=None).values_list("user_id", "role"):
        roles.setdefault(user_id, set()).add(Role(role))
    with_pupil = set(
        Guardianship.objects.filter(guardian_id__in=user_ids, is_active=True, pupil__is_active=True).values_list(
            "guardian_id", flat=True
        )
    )
    today = timezone.localdate()
    gate.put_subjects(
        [
            {
                "subject_id": str(person.id),
                "roles": gate_roles(roles.get(person.id, ()), has_pupil=person.id in with_pupil),
                "is_adult": is_adult(person.date_of_birth, roles.get(person.id, ()), today=today),
                "is_active": person.is_active,
                "language": person.language,
            }
            for person in people
        ]
    )


def lock_people(user_ids: Collection[UUID]) -> list[User]:
    """These people as they are now, until the transaction ends. Take this lock before that of any other table's row."""
    locked = User.objects.select_for_update(no_key=True).filter(pk__in=user_ids)
    return list(locked.only("id", "is_active", "language", "date_of_birth").order_by("pk"))


def gate_roles(roles: Iterable[Role], *, has_pupil: bool) -> list[str]:
    """The gate's words for our roles. Somebody is a guardian there only while an active pupil is theirs."""
    known = set(roles)
    words: set[str] = set()
    if known & STAFF:
        words.add("staff")
    if Role.DIRECTOR in known:
        words.add("director")
    if Role.CHAIR in known:
        words.add("council_chair")
    if Role.PUPIL in known:
        words.add("pupil")
    if Role.GUARDIAN in known and has_pupil:
        words.add("guardian")
    return sorted(words)


def is_adult(born_on: date | None, roles: Iterable[Role], *, today: date) -> bool:
    """By date of birth; without one a pupil is taken for a minor and everybody else for an adult."""
    if born_on is None:
        return Role.PUPIL not in set(roles)
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    return today.year - born_on.year - (not had_birthday) >= ADULT_AT
