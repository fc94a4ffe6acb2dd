"""What people ask of an import: bring a file, correct it, apply it, undo it. The work itself is roster_job's."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from opt_in.gate.sealing import seal, unseal
from tenants.access import Action, Role, Scope
from tenants.onboarding.models import WAITING, WORKING, Hitch, ImportState, RosterFile, RosterImport
from tenants.onboarding.roster.archive import Upload
from tenants.onboarding.roster.correction import Correction, corrected
from tenants.onboarding.selectors.roster_imports import directors_own_to_undo
from tenants.onboarding.selectors.roster_rights import ended_administrators, makes_administrators
from tenants.onboarding.services.roster_progress import STAGES
from tenants.people.models import User
from tenants.people.selectors.access import access_of
from tenants.people.selectors.roles import has_director, roles_of

# Put aside without harm: nothing of it is in the school.
NOT_APPLIED = (*WAITING, ImportState.READING)


class NotNow(Exception):
    """The import is no longer in the state in which this can be asked of it."""


class ManyEndings(Exception):
    """The roster would end many people, and nobody has said that this is meant."""


class DirectorsOwn(Exception):
    """It makes or unmakes a director, and somebody else than a director asked."""


class RolesOfOthers(Exception):
    """It makes somebody a school administrator, again in the case of an undo, and whoever asked may not give roles."""


class NotTheLast(Exception):
    """Only the import that was applied last can be undone."""


@transaction.atomic
def upload_roster(*, person: User, name: str, content: bytes, language: str) -> RosterImport:
    """Keep the file, sealed, to be read by a job. It takes the place of every upload that nobody has applied."""
    for earlier in RosterImport.objects.select_for_update().filter(state__in=NOT_APPLIED).order_by("pk"):
        _put_aside(earlier)
    now = timezone.now()
    roster_import = RosterImport.objects.create(
        file_name=name[-120:],
        file_bytes=len(content),
        language=language,
        uploaded_by=person,
        uploaded_at=now,
        moved_at=now,
        total=STAGES,
    )
    RosterFile.objects.create(roster_import=roster_import, sealed=seal(content))
    return roster_import


def upload_of(roster_import: RosterImport) -> Upload:
    """The file, opened."""
    return Upload(roster_import.file_name, unseal(bytes(roster_import.file.sealed)))


@transaction.atomic
def correct_roster(*, import_id: UUID, corrections: Iterable[Correction]) -> None:
    """Put these values into the refused file; it has to be read again. Raises RosterRefused, NotNow."""
    roster_import = _locked(import_id, ImportState.REFUSED)
    content = corrected(upload_of(roster_import), corrections)
    RosterFile.objects.filter(roster_import=roster_import).update(sealed=seal(content))
    roster_import.file_bytes = len(content)
    _begin(roster_import, ImportState.READING, "file_bytes")


@transaction.atomic
def ask_to_apply(*, import_id: UUID, person: User, may_end_many: bool) -> None:
    """Somebody has seen the preview and said yes. Raises NotNow, DirectorsOwn, RolesOfOthers, ManyEndings."""
    roster_import = _locked(import_id, ImportState.READY)
    # A school that has no director yet gets its first one by whoever may import.
    if roster_import.changes_directors and Role.DIRECTOR not in roles_of(person) and has_director():
        raise DirectorsOwn
    if makes_administrators(roster_import) and not _may_give_roles(person):
        raise RolesOfOthers
    if roster_import.ends_many and not may_end_many:
        raise ManyEndings
    roster_import.applied_by, roster_import.may_end_many = person, may_end_many
    _begin(roster_import, ImportState.APPLYING, "applied_by", "may_end_many")


@transaction.atomic
def ask_to_undo(*, import_id: UUID, person: User) -> None:
    """Raises NotNow, DirectorsOwn, RolesOfOthers, NotTheLast."""
    roster_import = _locked(import_id, ImportState.APPLIED)
    # Back is a change as well. What gave the school its first director may be taken back by whoever may import.
    if directors_own_to_undo(roster_import) and Role.DIRECTOR not in roles_of(person):
        raise DirectorsOwn
    if ended_administrators(roster_import) and not _may_give_roles(person):
        raise RolesOfOthers
    if RosterImport.objects.filter(applied_at__gt=roster_import.applied_at).exclude(state=ImportState.UNDONE).exists():
        raise NotTheLast
    roster_import.undone_by = person
    _begin(roster_import, ImportState.UNDOING, "undone_by")


@transaction.atomic
def ask_again(*, import_id: UUID) -> None:
    """A worker was killed, or the broker was away: the same job once more. It does its work once all the same."""
    roster_import = _locked(import_id, *WORKING)
    _begin(roster_import, ImportState(roster_import.state))


@transaction.atomic
def discard_import(*, import_id: UUID) -> None:
    """Put an upload aside that was not applied; its file is forgotten. Raises NotNow."""
    _put_aside(_locked(import_id, *NOT_APPLIED))


def forget_file(roster_import: RosterImport) -> None:
    RosterFile.objects.filter(roster_import=roster_import).delete()
    roster_import.problems.all().delete()


def _may_give_roles(person: User) -> bool:
    return access_of(person).reach(Action.ROLE_ASSIGN) is Scope.SCHOOL


def _locked(import_id: UUID, *states: ImportState) -> RosterImport:
    roster_import = RosterImport.objects.select_for_update().filter(pk=import_id, state__in=states).first()
    if roster_import is None:
        raise NotNow
    return roster_import


def _begin(roster_import: RosterImport, state: ImportState, *fields: str) -> None:
    roster_import.state, roster_import.hitch = state, Hitch.NONE
    roster_import.done, roster_import.stage, roster_import.moved_at = 0, "", timezone.now()
    roster_import.save(update_fields=["state", "hitch", "done", "stage", "moved_at", *fields])


def _put_aside(roster_import: RosterImport) -> None:
    roster_import.state = ImportState.DISCARDED
    roster_import.save(update_fields=["state"])
    forget_file(roster_import)
    roster_import.differences.all().delete()
