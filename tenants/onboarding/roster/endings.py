"""Does a plan end so many people that somebody should be asked whether that is meant?

Usually it is not: the file is another one, or one class was exported as a school. Pupils, teachers and guardians are
counted apart, because a fifth of the pupils is lost among all the guardians.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from tenants.onboarding.roster.people import GUARDIAN, HOMEROOM_TEACHER, PUPIL, TEACHER
from tenants.onboarding.roster.plan import RosterPlan, SchoolState
from tenants.onboarding.roster.records import RosterPerson

# Of all people more than half, and of each group a fifth; in a small school a few are no sign of anything.
MOST, MOST_AT_LEAST = 0.5, 10
MANY, MANY_AT_LEAST = 0.2, 5


class Ended(StrEnum):
    PUPILS = "pupils"
    TEACHERS = "teachers"
    GUARDIANS = "guardians"
    EVERYBODY = "everybody"


_ROLES = {
    Ended.PUPILS: frozenset({PUPIL}),
    Ended.TEACHERS: frozenset({TEACHER, HOMEROOM_TEACHER}),
    Ended.GUARDIANS: frozenset({GUARDIAN}),
}


@dataclass(frozen=True, slots=True)
class Ending:
    """So many of so many leave the school, or stay without being what they were."""

    group: Ended
    number: int
    before: int

    @property
    def label(self) -> str:
        match self.group:
            case Ended.PUPILS:
                return _("Pupils")
            case Ended.TEACHERS:
                return _("Teachers")
            case Ended.GUARDIANS:
                return _("Guardians")
            case Ended.EVERYBODY:
                return _("All people")


def many_endings(plan: RosterPlan, state: SchoolState) -> list[Ending]:
    """The groups of which many would end; empty for an ordinary roster."""
    return list(_found(plan, state))


def _found(plan: RosterPlan, state: SchoolState) -> Iterator[Ending]:
    before = [person for person in state.people.persons.values() if person.is_active]
    after = {person.sourced_id: person for person in plan.people.to_write}
    for group, roles in _ROLES.items():
        held = [person for person in before if person.roles & roles]
        number = sum(1 for person in held if not _is_still(after.get(person.sourced_id, person), roles))
        if number >= MANY_AT_LEAST and number >= len(held) * MANY:
            yield Ending(group, number, len(held))
    number = len(plan.people.ended)
    if number >= MOST_AT_LEAST and number > len(before) * MOST:
        yield Ending(Ended.EVERYBODY, number, len(before))


def _is_still(person: RosterPerson, roles: frozenset[str]) -> bool:
    return person.is_active and bool(person.roles & roles)
