"""What the pages of the roster show."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from ediary_core.models import ClassKind, SchoolClass
from opt_in.gate.sealing import unseal
from tenants.access import STAFF, Role
from tenants.onboarding.models import (
    WAITING,
    WORKING,
    Change,
    Group,
    ImportState,
    RosterChange,
    RosterDifference,
    RosterImport,
    RosterProblem,
)
from tenants.people.models import RoleAssignment
from tenants.people.selectors.roles import has_director


@dataclass(frozen=True, slots=True)
class SchoolSize:
    classes: int
    pupils: int
    guardians: int
    staff: int

    @property
    def is_empty(self) -> bool:
        return self.classes == self.pupils == self.guardians == 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem, opened. `value` is what stands in the field, None where no one field can be corrected; `about` says
    whose row it is."""

    id: UUID
    file: str
    line: int | None
    field: str
    message: str
    advice: str
    value: str | None
    about: str = ""


def school_size() -> SchoolSize:
    """Who and what is active now."""
    current = RoleAssignment.objects.filter(until=None, user__is_active=True)
    people = dict(
        current.filter(role__in=[Role.PUPIL, Role.GUARDIAN]).values_list("role").annotate(Count("user_id")).order_by()
    )
    return SchoolSize(
        classes=SchoolClass.objects.filter(ended_on=None, kind=ClassKind.HOMEROOM).count(),
        pupils=people.get(Role.PUPIL, 0),
        guardians=people.get(Role.GUARDIAN, 0),
        staff=current.filter(role__in=STAFF).aggregate(number=Count("user_id", distinct=True))["number"],
    )


def roster_imports() -> QuerySet[RosterImport]:
    """Newest first, with the people who acted."""
    return RosterImport.objects.select_related("uploaded_by", "applied_by", "undone_by").order_by("-pk")


def import_with_id(import_id: UUID) -> RosterImport | None:
    return roster_imports().filter(pk=import_id).first()


def open_imports() -> list[RosterImport]:
    """What a worker is busy with or what waits for a person, newest first."""
    return list(RosterImport.objects.filter(state__in=[*WAITING, *WORKING]).order_by("-pk"))


def last_applied() -> RosterImport | None:
    return RosterImport.objects.filter(state=ImportState.APPLIED).order_by("-applied_at").first()


def directors_own_to_undo(roster_import: RosterImport) -> bool:
    """Whether taking this last import back would move an office that somebody held before it, and somebody holds now
    who can be asked."""
    if not roster_import.changes_directors or not has_director():
        return False
    roles = RosterChange.objects.filter(roster_import=roster_import, table="role")
    made = roles.filter(before__isnull=True).values("row_id")
    directing = RoleAssignment.objects.filter(role=Role.DIRECTOR, until=None, user__is_active=True)
    return (
        directing.exclude(pk__in=made).exists() or roles.filter(before__role=Role.DIRECTOR, before__until=None).exists()
    )


def problems_of(roster_import: RosterImport, *, file: str = "") -> list[RosterProblem]:
    """In the order of the files; opened by `opened` where they are shown."""
    found = roster_import.problems.order_by("position")
    return list(found.filter(file=file) if file else found)


def opened(problems: Iterable[RosterProblem]) -> list[Problem]:
    return [
        Problem(problem.pk, problem.file, problem.line, problem.field, **json.loads(unseal(bytes(problem.sealed))))
        for problem in problems
    ]


def files_with_problems(roster_import: RosterImport) -> list[tuple[str, int]]:
    return list(roster_import.problems.values_list("file").annotate(Count("pk")).order_by("file"))


def differences_of(
    roster_import: RosterImport, *, group: str = "", change: str = "", name: str = ""
) -> QuerySet[RosterDifference]:
    """Filters that mean nothing are left out: they come from an address that anybody can type."""
    found = roster_import.differences.order_by("position")
    if group in Group.values:
        found = found.filter(group=group)
    if change in Change.values:
        found = found.filter(change=change)
    if name.strip():
        found = found.filter(label__icontains=name.strip().replace("\0", ""))
    return found
