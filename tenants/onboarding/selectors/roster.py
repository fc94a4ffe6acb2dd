"""What the school has now, in the roster's words: nine queries, whatever the size of the school."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from ediary_core.models import AcademicSession, Enrolment, SchoolClass, SchoolUnit, Subject
from tenants.access import Role
from tenants.onboarding.roster.people import ROSTER_ROLES, CurrentPeople
from tenants.onboarding.roster.plan import SchoolState
from tenants.onboarding.roster.records import (
    ClassRecord,
    EnrolmentRecord,
    Record,
    RosterGuardianship,
    RosterPerson,
    SessionRecord,
    SubjectRecord,
    UnitRecord,
)
from tenants.people.models import ContactPoint, Guardianship, Provenance, RoleAssignment, User

R = TypeVar("R", bound=Record)
Ids = Mapping[type[Model], Mapping[str, UUID]]


@dataclass(frozen=True, slots=True)
class RosterState:
    """`ids`: primary keys by sourcedId for each model. `kept_roles`: roles given inside the product, by person."""

    school: SchoolState
    ids: Ids
    languages: Mapping[str, str]
    kept_roles: Mapping[str, frozenset[Role]]


def roster_state() -> RosterState:
    """Only what a roster brought (it has a sourcedId); what the school made itself is none of the roster's business."""
    ids: dict[type[Model], dict[str, UUID]] = {}

    def rows_of(model: type[Model], *columns: str) -> list[tuple[Any, ...]]:
        rows = list(model._default_manager.exclude(sourced_id=None).values_list("id", "sourced_id", *columns))
        ids[model] = {row[1]: row[0] for row in rows}
        return [row[1:] for row in rows]

    def lasting_rows_of(model: type[Model], *columns: str) -> list[tuple[Any, ...]]:
        return [(*row[:-1], row[-1] is None) for row in rows_of(model, *columns, "ended_on")]

    units = [UnitRecord(*row) for row in rows_of(SchoolUnit, "name", "identifier")]
    sessions = [
        SessionRecord(*row)
        for row in lasting_rows_of(
            AcademicSession,
            *("title", "kind", "begins_on", "ends_on", "school_year", "parent__sourced_id"),
        )
    ]
    subjects = [SubjectRecord(*row) for row in lasting_rows_of(Subject, "title", "code")]
    classes = [
        ClassRecord(*row)
        for row in lasting_rows_of(
            SchoolClass,
            *("title", "code", "kind", "grades", "location", "subject__sourced_id"),
            *("school_year", "begins_on", "ends_on"),
        )
    ]
    enrolments = [
        EnrolmentRecord(*row)
        for row in lasting_rows_of(
            Enrolment,
            *(
                "school_class__sourced_id",
                "person__sourced_id",
                "role",
                "is_primary",
                "begins_on",
                "ends_on",
            ),
        )
    ]
    people, languages, kept_roles, user_ids = _people()
    ids[User] = user_ids
    return RosterState(
        school=SchoolState(
            units=_by_id(units),
            sessions=_by_id(sessions),
            subjects=_by_id(subjects),
            classes=_by_id(classes),
            enrolments=_by_id(enrolments),
            people=people,
        ),
        ids=ids,
        languages=languages,
        kept_roles=kept_roles,
    )


def _by_id(records: list[R]) -> dict[str, R]:
    return {record.sourced_id: record for record in records}


def _people() -> tuple[CurrentPeople, dict[str, str], dict[str, frozenset[Role]], dict[str, UUID]]:
    roles: dict[UUID, set[str]] = {}
    for user_id, role in RoleAssignment.objects.filter(until=None).values_list("user_id", "role"):
        roles.setdefault(user_id, set()).add(role)
    contacts: dict[UUID, set[tuple[str, str]]] = {}
    own: dict[UUID, set[str]] = {}
    for user_id, channel, digest, provenance, is_active in ContactPoint.objects.values_list(
        "user_id", "channel", "address_hash", "provenance", "is_active"
    ):
        if provenance != Provenance.ROSTER:
            own.setdefault(user_id, set()).add(channel)
        elif is_active:
            contacts.setdefault(user_id, set()).add((channel, bytes(digest).hex()))
    persons: dict[str, RosterPerson] = {}
    user_ids: dict[str, UUID] = {}
    languages: dict[str, str] = {}
    taken: set[str] = set()
    for user in User.objects.defer("password", "last_login", "created_at"):
        if user.sourced_id is None:
            taken.add(user.username)
            continue
        user_ids[user.sourced_id] = user.id
        languages[user.sourced_id] = user.language
        persons[user.sourced_id] = RosterPerson(
            sourced_id=user.sourced_id,
            username=user.username,
            given_name=user.given_name,
            middle_name=user.middle_name,
            family_name=user.family_name,
            roles=frozenset(roles.get(user.id, ())) & ROSTER_ROLES,
            date_of_birth=user.date_of_birth,
            contacts=frozenset(contacts.get(user.id, ())),
            is_active=user.is_active,
        )
    names = {user_id: sourced_id for sourced_id, user_id in user_ids.items()}
    pairs = [
        RosterGuardianship(names[guardian], names[pupil], relation, is_active)
        for guardian, pupil, relation, is_active in Guardianship.objects.values_list(
            "guardian_id", "pupil_id", "relation", "is_active"
        )
        if guardian in names and pupil in names
    ]
    current = CurrentPeople(
        persons=persons,
        guardianships={pair.sourced_id: pair for pair in pairs},
        own_channels=frozenset((names[user_id], channel) for user_id in own.keys() & names for channel in own[user_id]),
        taken_names=frozenset(taken),
    )
    kept = {
        names[user_id]: frozenset(Role(role) for role in held - ROSTER_ROLES)
        for user_id, held in roles.items()
        if user_id in names and held - ROSTER_ROLES
    }
    return current, languages, kept, user_ids
