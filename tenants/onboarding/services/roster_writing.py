"""Writes a roster plan: only what differs, each kind in one statement, people through tenants.people."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from ediary_core.models import AcademicSession, Enrolment, SchoolClass, SchoolUnit, Subject
from ediary_core.services.structure import put_classes, put_enrolments, put_sessions, put_subjects, put_units
from opt_in.gate.sealing import unseal
from tenants.access import APPOINTED, Role
from tenants.identity import new_id
from tenants.onboarding.roster.bundle import Step
from tenants.onboarding.roster.plan import RosterPlan
from tenants.onboarding.roster.records import RosterPerson
from tenants.onboarding.selectors.roster import Ids, RosterState
from tenants.people.models import Channel, ContactPoint, Guardianship, Provenance, Relation, User
from tenants.people.services.people import (
    ContactRecord,
    GuardianshipRecord,
    PersonRecord,
    put_people,
    set_guardianships,
)


def write_plan(*, plan: RosterPlan, state: RosterState, language: str, today: date, step: Step) -> None:
    """Call inside a transaction. `language` is what people new to the school are written to in."""
    ids: dict[type[Model], dict[str, UUID]] = {
        model: {**known, **{record.sourced_id: new_id() for record in created}}
        for model, known, created in (
            (SchoolUnit, state.ids[SchoolUnit], plan.units.created),
            (AcademicSession, state.ids[AcademicSession], plan.sessions.created),
            (Subject, state.ids[Subject], plan.subjects.created),
            (SchoolClass, state.ids[SchoolClass], plan.classes.created),
            (Enrolment, state.ids[Enrolment], plan.enrolments.created),
            (User, state.ids[User], plan.people.created),
        )
    }
    _write_structure(plan, ids, today, step)
    _write_people(plan, state, ids[User], language, step)
    _write_families(plan, ids[User], step)
    _write_enrolments(plan, state, ids, today, step)


def _write_structure(plan: RosterPlan, ids: Ids, today: date, step: Step) -> None:
    step(_("writing classes"), len(plan.classes.to_write))
    put_units(
        units=[
            SchoolUnit(
                id=ids[SchoolUnit][unit.sourced_id],
                sourced_id=unit.sourced_id,
                name=unit.name,
                identifier=unit.identifier,
            )
            for unit in plan.units.to_write
        ]
    )
    put_sessions(
        sessions=[
            AcademicSession(
                id=ids[AcademicSession][session.sourced_id],
                sourced_id=session.sourced_id,
                title=session.title,
                kind=session.kind,
                begins_on=session.begins_on,
                ends_on=session.ends_on,
                school_year=session.school_year,
                parent_id=ids[AcademicSession][session.parent] if session.parent else None,
                ended_on=None if session.is_active else today,
            )
            for session in plan.sessions.to_write
        ]
    )
    put_subjects(
        subjects=[
            Subject(
                id=ids[Subject][subject.sourced_id],
                sourced_id=subject.sourced_id,
                title=subject.title,
                code=subject.code,
                ended_on=None if subject.is_active else today,
            )
            for subject in plan.subjects.to_write
        ]
    )
    put_classes(
        classes=[
            SchoolClass(
                id=ids[SchoolClass][group.sourced_id],
                sourced_id=group.sourced_id,
                title=group.title,
                code=group.code,
                kind=group.kind,
                grades=group.grades,
                location=group.location,
                subject_id=ids[Subject][group.subject] if group.subject else None,
                school_year=group.school_year,
                begins_on=group.begins_on,
                ends_on=group.ends_on,
                ended_on=None if group.is_active else today,
            )
            for group in plan.classes.to_write
        ]
    )


def _write_people(plan: RosterPlan, state: RosterState, ids: Mapping[str, UUID], language: str, step: Step) -> None:
    persons = plan.people.to_write
    if not persons:
        return
    step(_("writing people"), len(persons))
    addresses = _addresses(plan, persons, ids)
    put_people(
        people=[
            PersonRecord(
                id=ids[person.sourced_id],
                sourced_id=person.sourced_id,
                username=person.username,
                given_name=person.given_name,
                middle_name=person.middle_name,
                family_name=person.family_name,
                roles=frozenset(map(Role, person.roles)) | _kept(state, person),
                language=state.languages.get(person.sourced_id, language),
                is_active=person.is_active,
                date_of_birth=person.date_of_birth,
                contacts=tuple(
                    ContactRecord(Channel(channel), addresses[person.sourced_id, channel])
                    for channel, _digest in sorted(person.contacts)
                ),
            )
            for person in persons
        ]
    )


def _kept(state: RosterState, person: RosterPerson) -> frozenset[Role]:
    """Deputy and secretary, given in the product, survive; the appointed roles put_people leaves alone itself."""
    return state.kept_roles.get(person.sourced_id, frozenset()) - APPOINTED


def _addresses(
    plan: RosterPlan, persons: Iterable[RosterPerson], ids: Mapping[str, UUID]
) -> dict[tuple[str, str], str]:
    """The file's addresses, and for those who change without being in the file the ones they have."""
    addresses = dict(plan.addresses)
    names = {
        ids[person.sourced_id]: person.sourced_id
        for person in persons
        if any((person.sourced_id, channel) not in addresses for channel, _digest in person.contacts)
    }
    if names:
        for user_id, channel, sealed in ContactPoint.objects.filter(
            user_id__in=names, provenance=Provenance.ROSTER, is_active=True
        ).values_list("user_id", "channel", "sealed"):
            addresses.setdefault((names[user_id], channel), unseal(bytes(sealed)).decode())
    return addresses


def _write_families(plan: RosterPlan, ids: Mapping[str, UUID], step: Step) -> None:
    pupils = {ids[pair.pupil] for pair in plan.guardianships.to_write}
    if not pupils:
        return
    step(_("writing families"), len(pupils))
    links = [
        GuardianshipRecord(ids[pair.guardian], ids[pair.pupil], Relation(pair.relation))
        for pair in plan.families
        if ids[pair.pupil] in pupils
    ]
    # Guardians whom the school added by hand are unknown to every roster and stay.
    links += [
        GuardianshipRecord(guardian, pupil, Relation(relation))
        for guardian, pupil, relation in Guardianship.objects.filter(
            pupil_id__in=pupils, is_active=True, guardian__sourced_id=None
        ).values_list("guardian_id", "pupil_id", "relation")
    ]
    set_guardianships(links=links, pupil_ids=pupils)


def _write_enrolments(plan: RosterPlan, state: RosterState, ids: Ids, today: date, step: Step) -> None:
    step(_("writing enrolments"), len(plan.enrolments.to_write))
    known = state.ids[Enrolment]
    put_enrolments(
        enrolments=[
            Enrolment(
                id=ids[Enrolment][enrolment.sourced_id],
                sourced_id=enrolment.sourced_id,
                school_class_id=ids[SchoolClass][enrolment.school_class],
                person_id=ids[User][enrolment.person],
                role=enrolment.role,
                is_primary=enrolment.is_primary,
                begins_on=enrolment.begins_on,
                ends_on=enrolment.ends_on,
                ended_on=None if enrolment.is_active else today,
            )
            for enrolment in plan.enrolments.to_write
        ],
        existing=[known[record.sourced_id] for record in plan.enrolments.to_write if record.sourced_id in known],
        today=today,
    )
