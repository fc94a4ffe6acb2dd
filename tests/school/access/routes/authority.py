"""What the school, its director and its Council decide, and the proof of it."""

from uuid import UUID

from django.utils import timezone

from opt_in.services.resolutions import Vote, record_resolution
from tenants.documents.services.documents import keep_document
from tests.school.access.routes.cast import Cast, Routes


def _resolution(cast: Cast) -> dict[str, object]:
    return {"resolution_id": _recorded(cast)}


def _recorded(cast: Cast) -> UUID:
    minutes = keep_document(content=b"%PDF-1.7\n%%EOF\n", media_type="application/pdf", stored_by=cast.director)
    return record_resolution(
        recorded_by=cast.director,
        in_favour=True,
        decided_on=timezone.localdate(),
        vote=Vote(9, 1),
        purposes=["vendor_offers"],
        products=["plus"],
        minutes_sha256=minutes,
    )


ROUTES: Routes = {
    "minutes": _resolution,
    "resolution-confirm": _resolution,
}
