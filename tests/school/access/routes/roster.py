"""The roster: each route leads to an import that is in the state for it."""

from django.utils import timezone

from tenants.onboarding.models import ImportState, RosterImport
from tests.school.access.routes.cast import Cast, Routes


def _import_in(state: ImportState, cast: Cast) -> dict[str, object]:
    now = timezone.now()
    found = RosterImport.objects.create(
        state=state,
        file_name="roster.zip",
        file_bytes=1,
        language="en",
        uploaded_by=cast.director,
        uploaded_at=now,
        moved_at=now,
        applied_by=cast.director,
        applied_at=now if state == ImportState.APPLIED else None,
    )
    return {"import_id": found.pk}


ROUTES: Routes = {
    "roster-import": lambda cast: _import_in(ImportState.READY, cast),
    "roster-progress": lambda cast: _import_in(ImportState.READING, cast),
    "roster-problems": lambda cast: _import_in(ImportState.REFUSED, cast),
    "roster-correct": lambda cast: _import_in(ImportState.REFUSED, cast),
    "roster-apply": lambda cast: _import_in(ImportState.READY, cast),
    "roster-discard": lambda cast: _import_in(ImportState.READY, cast),
    "roster-again": lambda cast: _import_in(ImportState.READING, cast),
    "roster-undo": lambda cast: _import_in(ImportState.APPLIED, cast),
}
