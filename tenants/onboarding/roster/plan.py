"""What an import would do: for each kind of record what is created, changed, ended and left as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.onboarding.roster.bundle import Bundle
from tenants.onboarding.roster.people import (
    GUARDIAN,
    HOMEROOM_TEACHER,
    CurrentPeople,
    HashAddress,
    People,
    people_after,
)
from tenants.onboarding.roster.problems import Problems
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
from tenants.onboarding.roster.structure import (
    classes_sent,
    enrolments_sent,
    sessions_sent,
    state_after,
    subjects_sent,
    unit_of,
)

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class SchoolState:
    """What the school has, by sourcedId; ended records included, so that a return is a change and not a second one."""

    units: Mapping[str, UnitRecord] = field(default_factory=dict)
    sessions: Mapping[str, SessionRecord] = field(default_factory=dict)
    subjects: Mapping[str, SubjectRecord] = field(default_factory=dict)
    classes: Mapping[str, ClassRecord] = field(default_factory=dict)
    enrolments: Mapping[str, EnrolmentRecord] = field(default_factory=dict)
    people: CurrentPeople = field(default_factory=lambda: CurrentPeople({}, {}))

    def known_ids(self) -> dict[str, frozenset[str]]:
        """Active sourcedIds by OneRoster file."""
        kinds: dict[str, Mapping[str, Record]] = {
            "orgs": self.units,
            "academicSessions": self.sessions,
            "courses": self.subjects,
            "classes": self.classes,
            "users": self.people.persons,
        }
        return {
            name: frozenset(key for key, record in records.items() if record.is_active)
            for name, records in kinds.items()
        }


@dataclass(frozen=True, slots=True)
class Difference(Generic[R]):
    """`changed` holds pairs of old and new; `ended` the records as they shall be, no longer active."""

    created: tuple[R, ...] = ()
    changed: tuple[tuple[R, R], ...] = ()
    ended: tuple[R, ...] = ()
    unchanged: int = 0

    @property
    def to_write(self) -> tuple[R, ...]:
        return (*self.created, *(new for _old, new in self.changed), *self.ended)


@dataclass(frozen=True, slots=True)
class RosterPlan:
    units: Difference[UnitRecord]
    sessions: Difference[SessionRecord]
    subjects: Difference[SubjectRecord]
    classes: Difference[ClassRecord]
    people: Difference[RosterPerson]
    guardianships: Difference[RosterGuardianship]
    enrolments: Difference[EnrolmentRecord]
    # Every active pair after the import: a family is written as a whole.
    families: tuple[RosterGuardianship, ...]
    addresses: Mapping[tuple[str, str], str]
    notices: tuple[str, ...]

    def by_kind(self) -> Iterator[tuple[str, "Difference[Any]"]]:
        yield _("School"), self.units
        yield _("Sessions"), self.sessions
        yield _("Subjects"), self.subjects
        yield _("Classes"), self.classes
        yield _("People"), self.people
        yield _("Guardianships"), self.guardianships
        yield _("Enrolments"), self.enrolments

    @property
    def changes_nothing(self) -> bool:
        return not any(difference.to_write for _kind, difference in self.by_kind())


def make_plan(bundle: Bundle, state: SchoolState, *, today: date, hash_address: HashAddress) -> RosterPlan:
    """Compare a judged bundle with the school. Raises RosterRefused when fields contradict each other."""
    problems = Problems()
    units = unit_of(bundle, state.units, problems)
    # Of another school's roster every line would be a problem.
    problems.stop_if_any()
    sessions = state_after(bundle, "academicSessions", state.sessions, sessions_sent(bundle, problems))
    subjects = state_after(bundle, "courses", state.subjects, subjects_sent(bundle))
    classes = state_after(bundle, "classes", state.classes, classes_sent(bundle, sessions, problems))
    people = people_after(bundle, state.people, today=today, hash_address=hash_address, problems=problems)
    sent = enrolments_sent(bundle, people.persons, problems)
    problems.stop_if_any()
    enrolments = state_after(bundle, "enrollments", state.enrolments, sent)
    _end_what_hangs_on_ended(people, classes, enrolments)
    _settle_derived_roles(people, classes, enrolments)
    return RosterPlan(
        units=compare(state.units, units),
        sessions=compare(state.sessions, sessions),
        subjects=compare(state.subjects, subjects),
        classes=compare(state.classes, classes),
        people=compare(state.people.persons, people.persons),
        guardianships=compare(state.people.guardianships, people.guardianships),
        enrolments=compare(state.enrolments, enrolments),
        families=tuple(pair for pair in people.guardianships.values() if pair.is_active),
        addresses=people.addresses,
        notices=(*bundle.notices, *people.notices),
    )


def compare(current: Mapping[str, R], wanted: Mapping[str, R]) -> Difference[R]:
    created: list[R] = []
    changed: list[tuple[R, R]] = []
    ended: list[R] = []
    unchanged = 0
    for sourced_id, record in wanted.items():
        old = current.get(sourced_id)
        if old is None:
            created.append(record)
        elif old == record:
            unchanged += record.is_active
        elif old.is_active and not record.is_active:
            ended.append(record)
        else:
            changed.append((old, record))
    return Difference(tuple(created), tuple(changed), tuple(ended), unchanged)


def _end_what_hangs_on_ended(
    people: People, classes: Mapping[str, ClassRecord], enrolments: dict[str, EnrolmentRecord]
) -> None:
    for key, enrolment in enrolments.items():
        person, school_class = people.persons.get(enrolment.person), classes.get(enrolment.school_class)
        if not (person and person.is_active and school_class and school_class.is_active):
            enrolments[key] = replace(enrolment, is_active=False)
    for key, pair in people.guardianships.items():
        if not all(people.persons[sourced_id].is_active for sourced_id in (pair.guardian, pair.pupil)):
            people.guardianships[key] = replace(pair, is_active=False)


def _settle_derived_roles(
    people: People, classes: Mapping[str, ClassRecord], enrolments: Mapping[str, EnrolmentRecord]
) -> None:
    """Homeroom teacher follows from the homeroom class, guardian from having a pupil here: a right without its reason
    would outlive it. Whoever left has no role at all."""
    homeroom = {
        enrolment.person
        for enrolment in enrolments.values()
        if enrolment.is_active
        and enrolment.role == "teacher"
        and enrolment.is_primary
        and classes[enrolment.school_class].kind == "homeroom"
    }
    with_pupils = {pair.guardian for pair in people.guardianships.values() if pair.is_active}
    childless = 0
    for sourced_id, person in people.persons.items():
        roles = (person.roles if person.is_active else frozenset()) - {HOMEROOM_TEACHER}
        if sourced_id in homeroom:
            roles |= {HOMEROOM_TEACHER}
        if GUARDIAN in roles and sourced_id not in with_pupils:
            roles -= {GUARDIAN}
            childless += 1
        people.persons[sourced_id] = replace(person, roles=frozenset(roles))
    if childless:
        people.notices.append(
            ngettext(
                "%(count)d guardian has no pupil in this roster and gets no guardian's rights.",
                "%(count)d guardians have no pupil in this roster and get no guardian's rights.",
                childless,
            )
            % {"count": childless}
        )
