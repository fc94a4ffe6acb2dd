"""Who may do what, and how far: one table. Plain data; doors and selectors apply it (tenants.doors)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Scope(IntEnum):
    """How far an action reaches; a wider scope holds the narrower ones."""

    NONE = 0
    OWN = 1  # oneself, and what one teaches or wrote
    CHILD = 2  # the children one is guardian of
    CLASS = 3  # the class one leads
    SCHOOL = 4


class Role(StrEnum):
    DIRECTOR = "director"
    DEPUTY = "deputy"
    ADMINISTRATOR = "administrator"
    SECRETARY = "secretary"
    HOMEROOM = "homeroom_teacher"
    TEACHER = "teacher"
    GUARDIAN = "guardian"
    PUPIL = "pupil"
    INSPECTOR = "inspector"
    CHAIR = "council_chair"

    @property
    def label(self) -> "StrPromise":
        return LABELS[self]


LABELS = {
    Role.DIRECTOR: _("Director"),
    Role.DEPUTY: _("Deputy director"),
    Role.ADMINISTRATOR: _("School administrator"),
    Role.SECRETARY: _("Secretary"),
    Role.HOMEROOM: _("Homeroom teacher"),
    Role.TEACHER: _("Teacher"),
    Role.GUARDIAN: _("Guardian"),
    Role.PUPIL: _("Pupil"),
    Role.INSPECTOR: _("Inspector"),
    Role.CHAIR: _("Chair of the Parents' Council"),
}

STAFF = frozenset({Role.DIRECTOR, Role.DEPUTY, Role.ADMINISTRATOR, Role.SECRETARY, Role.HOMEROOM, Role.TEACHER})
# Given inside the product, by a named person: a roster neither grants nor ends them.
APPOINTED = frozenset({Role.CHAIR, Role.INSPECTOR})


class Action(StrEnum):
    ACCOUNT_VIEW = "account.view"
    CONTACT_CHANGE = "contact.change"
    ROSTER_IMPORT = "roster.import"
    PERSON_VIEW = "person.view"
    PERSON_MANAGE = "person.manage"
    ROLE_ASSIGN = "role.assign"
    MATRIX_CHANGE = "matrix.change"
    CHAIR_APPOINT = "chair.appoint"
    SCHOOL_GO_LIVE = "school.go_live"
    SCHOOL_SUSPEND = "school.suspend"
    CLASS_VIEW = "class.view"
    CLASS_MANAGE = "class.manage"
    LESSON_VIEW = "lesson.view"
    LESSON_RECORD = "lesson.record"
    ATTENDANCE_VIEW = "attendance.view"
    ATTENDANCE_RECORD = "attendance.record"
    ABSENCE_EXCUSE = "absence.excuse"
    SCHOOL_MESSAGE_SEND = "school_message.send"
    MARKETING_VIEW = "marketing.view"
    MARKETING_AUTHORISE = "marketing.authorise"
    MARKETING_REVOKE = "marketing.revoke"
    RESOLUTION_RECORD = "resolution.record"
    RESOLUTION_CONFIRM = "resolution.confirm"
    CONSENT_GIVE = "consent.give"
    CONSENT_VIEW = "consent.view"
    LEDGER_READ = "ledger.read"
    MESSAGE_VIEW = "message.view"
    TIMELINE_VIEW = "timeline.view"
    TOKEN_MANAGE = "token.manage"  # noqa: S105
    TIMETABLE_VIEW = "timetable.view"
    TIMETABLE_MANAGE = "timetable.manage"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a role may do from the start, and the furthest a school may widen it to."""

    scope: Scope
    ceiling: Scope


def _up_to(ceiling: Scope, scope: Scope = Scope.NONE) -> Cell:
    return Cell(scope, ceiling)


# Fixed cells: the scope is its own ceiling. A school may narrow any cell.
____ = Cell(Scope.NONE, Scope.NONE)
OWN_ = Cell(Scope.OWN, Scope.OWN)
CHIL = Cell(Scope.CHILD, Scope.CHILD)
CLAS = Cell(Scope.CLASS, Scope.CLASS)
SCHO = Cell(Scope.SCHOOL, Scope.SCHOOL)
# Cells that a school may widen: what holds at first, and ↑ how far it may go.
N_CL = _up_to(Scope.CLASS)
N_SC = _up_to(Scope.SCHOOL)
O_CL = _up_to(Scope.CLASS, Scope.OWN)
O_SC = _up_to(Scope.SCHOOL, Scope.OWN)
C_SC = _up_to(Scope.SCHOOL, Scope.CLASS)

# fmt: off
ROLES = (                    Role.DIRECTOR, Role.DEPUTY, Role.ADMINISTRATOR, Role.SECRETARY, Role.HOMEROOM, Role.TEACHER, Role.GUARDIAN, Role.PUPIL, Role.INSPECTOR, Role.CHAIR)  # noqa: E501
#                            director deputy admin secr. homer. teach. guard. pupil insp. chair
_ROWS: dict[Action, tuple[Cell, ...]] = {
    Action.ACCOUNT_VIEW:        (OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_),
    Action.CONTACT_CHANGE:      (OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, ____, OWN_, OWN_),
    Action.ROSTER_IMPORT:       (SCHO, SCHO, SCHO, N_SC, ____, ____, ____, ____, ____, ____),
    Action.PERSON_VIEW:         (SCHO, SCHO, SCHO, SCHO, C_SC, O_SC, CHIL, OWN_, SCHO, ____),
    Action.PERSON_MANAGE:       (SCHO, SCHO, SCHO, SCHO, ____, ____, ____, ____, ____, ____),
    Action.ROLE_ASSIGN:         (SCHO, SCHO, SCHO, ____, ____, ____, ____, ____, ____, ____),
    Action.MATRIX_CHANGE:       (SCHO, N_SC, SCHO, ____, ____, ____, ____, ____, ____, ____),
    Action.CHAIR_APPOINT:       (SCHO, ____, ____, ____, ____, ____, ____, ____, ____, ____),
    Action.SCHOOL_GO_LIVE:      (SCHO, ____, ____, ____, ____, ____, ____, ____, ____, ____),
    Action.SCHOOL_SUSPEND:      (SCHO, ____, ____, ____, ____, ____, ____, ____, ____, ____),
    Action.CLASS_VIEW:          (SCHO, SCHO, SCHO, SCHO, C_SC, O_SC, CHIL, OWN_, SCHO, ____),
    Action.CLASS_MANAGE:        (SCHO, SCHO, SCHO, SCHO, N_CL, ____, ____, ____, ____, ____),
    Action.LESSON_VIEW:         (SCHO, SCHO, N_SC, N_SC, C_SC, O_SC, CHIL, OWN_, SCHO, ____),
    Action.LESSON_RECORD:       (OWN_, OWN_, ____, ____, OWN_, OWN_, ____, ____, ____, ____),
    Action.ATTENDANCE_VIEW:     (SCHO, SCHO, N_SC, SCHO, C_SC, O_CL, CHIL, OWN_, SCHO, ____),
    Action.ATTENDANCE_RECORD:   (OWN_, OWN_, ____, N_SC, CLAS, OWN_, ____, ____, ____, ____),
    Action.ABSENCE_EXCUSE:      (N_SC, N_SC, ____, N_SC, CLAS, ____, CHIL, ____, ____, ____),
    Action.SCHOOL_MESSAGE_SEND: (SCHO, SCHO, N_SC, N_SC, C_SC, O_CL, ____, ____, ____, ____),
    Action.MARKETING_VIEW:      (SCHO, SCHO, N_SC, ____, ____, ____, ____, ____, SCHO, SCHO),
    Action.MARKETING_AUTHORISE: (SCHO, ____, ____, ____, ____, ____, ____, ____, ____, ____),
    Action.MARKETING_REVOKE:    (SCHO, ____, ____, ____, ____, ____, ____, ____, ____, ____),
    Action.RESOLUTION_RECORD:   (SCHO, N_SC, N_SC, N_SC, ____, ____, ____, ____, ____, SCHO),
    Action.RESOLUTION_CONFIRM:  (____, ____, ____, ____, ____, ____, ____, ____, ____, SCHO),
    Action.CONSENT_GIVE:        (____, ____, ____, ____, ____, ____, OWN_, ____, ____, ____),
    Action.CONSENT_VIEW:        (____, ____, ____, ____, ____, ____, OWN_, ____, ____, ____),
    Action.LEDGER_READ:         (SCHO, SCHO, ____, ____, ____, ____, ____, ____, SCHO, SCHO),
    Action.MESSAGE_VIEW:        (OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_),
    Action.TIMELINE_VIEW:       (SCHO, SCHO, N_SC, ____, ____, ____, ____, ____, SCHO, SCHO),
    Action.TOKEN_MANAGE:        (OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_, OWN_),
    Action.TIMETABLE_VIEW:      (SCHO, SCHO, SCHO, SCHO, C_SC, O_SC, CHIL, OWN_, SCHO, ____),
    Action.TIMETABLE_MANAGE:    (SCHO, SCHO, SCHO, N_SC, ____, ____, ____, ____, ____, ____),
}
# fmt: on
MATRIX: dict[Action, dict[Role, Cell]] = {
    action: dict(zip(ROLES, cells, strict=True)) for action, cells in _ROWS.items()
}


class AboveCeiling(ValueError):
    """A school may not widen this cell so far."""


Overrides = Mapping[tuple[Action, Role], Scope]


def require_below_ceiling(*, action: Action, role: Role, scope: Scope) -> None:
    ceiling = MATRIX[action][role].ceiling
    if scope > ceiling:
        raise AboveCeiling(f"{role.value} may reach {ceiling.name} at most in {action.value}, not {scope.name}.")


def scope_for(*, roles: Collection[Role], action: Action, overrides: Overrides | None = None) -> Scope:
    """How far somebody with these roles reaches; NONE unless a cell says otherwise."""
    reached = Scope.NONE
    for role in roles:
        cell = MATRIX[action][role]
        chosen = (overrides or {}).get((action, role), cell.scope)
        # An override that was written past the service is still cut at the ceiling.
        reached = max(reached, min(chosen, cell.ceiling))
    return reached
