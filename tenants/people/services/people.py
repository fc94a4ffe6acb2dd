"""Puts many people at once: what a roster says, and nothing that a roster may not say."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from tenants.access import APPOINTED, Role
from tenants.people.models import Guardianship, Relation, RoleAssignment, User
from tenants.people.services.contacts import ContactRecord, put_roster_contacts
from tenants.people.services.subjects import publish_subjects

__all__ = ["ContactRecord", "GuardianshipRecord", "PersonRecord", "PutPeople", "put_people", "set_guardianships"]

BATCH = 1_000
ROSTER_FIELDS = (
    "username",
    "given_name",
    "middle_name",
    "family_name",
    "language",
    "is_active",
    "sourced_id",
    "date_of_birth",
)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person as the roster has them. `id` is the existing person's, or a new UUIDv7 (tenants.identity.new_id)."""

    id: UUID
    sourced_id: str | None
    username: str
    given_name: str
    middle_name: str
    family_name: str
    roles: frozenset[Role]
    language: str
    is_active: bool = True
    date_of_birth: date | None = None
    contacts: tuple[ContactRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardianshipRecord:
    guardian_id: UUID
    pupil_id: UUID
    relation: Relation = Relation.PARENT


@dataclass(frozen=True, slots=True)
class PutPeople:
    """How many people were new, changed in any way, or already as the records say."""

    created: int
    changed: int
    unchanged: int


@transaction.atomic
def put_people(*, people: Sequence[PersonRecord]) -> PutPeople:
    """Create or change these people, their roster roles and roster contacts, and tell the gate.

    Appointed roles, passwords, contacts that somebody entered themselves and every consent stay as they are; nothing
    becomes verified. Putting the same records twice changes nothing. A failure leaves nothing behind.
    """
    ids = [person.id for person in people]
    if len(set(ids)) != len(ids):
        raise ValueError("The same person occurs twice.")
    existing = User.objects.select_for_update().in_bulk(ids)
    fresh = [person for person in people if person.id not in existing]
    differing = [person for person in people if person.id in existing and _differs(existing[person.id], person)]
    User.objects.bulk_create([_new_user(person) for person in fresh], batch_size=BATCH)
    User.objects.bulk_update(
        [_apply(existing[person.id], person) for person in differing], fields=ROSTER_FIELDS, batch_size=BATCH
    )
    touched = {person.id for person in fresh} | {person.id for person in differing}
    touched |= _put_roster_roles(people)
    publish_subjects(user_ids=touched | _guardians_of(person.id for person in differing))
    touched |= put_roster_contacts(addresses={person.id: person.contacts for person in people})
    return PutPeople(created=len(fresh), changed=len(touched) - len(fresh), unchanged=len(people) - len(touched))


@transaction.atomic
def set_guardianships(*, links: Sequence[GuardianshipRecord], pupil_ids: Collection[UUID]) -> int:
    """Make these links, and no others, the active ones of the named pupils; returns how many links changed."""
    wanted = {(link.guardian_id, link.pupil_id): link for link in links}
    if strangers := {pupil for _, pupil in wanted} - set(pupil_ids):
        raise ValueError(f"{len(strangers)} links belong to pupils that were not named.")
    changed: list[Guardianship] = []
    for link in Guardianship.objects.select_for_update().filter(pupil_id__in=pupil_ids):
        record = wanted.pop((link.guardian_id, link.pupil_id), None)
        relation = record.relation if record else Relation(link.relation)
        if (link.is_active, link.relation) != (record is not None, relation):
            link.is_active, link.relation = record is not None, relation
            changed.append(link)
    fresh = [
        Guardianship(guardian_id=link.guardian_id, pupil_id=link.pupil_id, relation=link.relation)
        for link in wanted.values()
    ]
    Guardianship.objects.bulk_update(changed, fields=("is_active", "relation"), batch_size=BATCH)
    Guardianship.objects.bulk_create(fresh, batch_size=BATCH)
    publish_subjects(user_ids={link.guardian_id for link in (*changed, *fresh)})
    return len(changed) + len(fresh)


def _fields_of(user: User) -> tuple[str, ...]:
    """What a roster may say about this person: not the language any more, once the person chose one."""
    return tuple(field for field in ROSTER_FIELDS if field != "language" or user.language_chosen_at is None)


def _differs(user: User, person: PersonRecord) -> bool:
    return any(getattr(user, field) != getattr(person, field) for field in _fields_of(user))


def _apply(user: User, person: PersonRecord) -> User:
    for field in _fields_of(user):
        setattr(user, field, getattr(person, field))
    return user


def _new_user(person: PersonRecord) -> User:
    # Nobody can log in with this; make_password(None) would draw the same, one import of the hasher per person.
    unusable = UNUSABLE_PASSWORD_PREFIX + get_random_string(UNUSABLE_PASSWORD_SUFFIX_LENGTH)
    return _apply(User(id=person.id, password=unusable), person)


def _put_roster_roles(people: Sequence[PersonRecord]) -> set[UUID]:
    """Begin and end the roles that rosters speak about; returns whose roles changed."""
    if appointed := {role.value for person in people for role in person.roles & APPOINTED}:
        raise ValueError(f"A roster cannot appoint: {', '.join(sorted(appointed))}.")
    wanted = {(person.id, role) for person in people for role in person.roles}
    ended: list[UUID] = []
    touched: set[UUID] = set()
    current = RoleAssignment.objects.filter(user_id__in=[person.id for person in people], until=None)
    for assignment_id, user_id, value in current.values_list("id", "user_id", "role"):
        role = Role(value)
        if (user_id, role) in wanted:
            wanted.discard((user_id, role))
        elif role not in APPOINTED:
            ended.append(assignment_id)
            touched.add(user_id)
    today = timezone.localdate()
    RoleAssignment.objects.filter(pk__in=ended).update(until=today)
    RoleAssignment.objects.bulk_create(
        [RoleAssignment(user_id=user_id, role=role, since=today) for user_id, role in sorted(wanted)], batch_size=BATCH
    )
    return touched | {user_id for user_id, _ in wanted}


def _guardians_of(pupil_ids: Iterable[UUID]) -> set[UUID]:
    """Whose standing as guardian may change when these pupils become active or inactive."""
    return set(
        Guardianship.objects.filter(pupil_id__in=list(pupil_ids), is_active=True).values_list("guardian_id", flat=True)
    )
