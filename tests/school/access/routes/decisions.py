"""The vendor's requests and what the director answers."""

from tests.school.access.routes.cast import Cast, Routes
from tests.school.campaigns import propose_to


def _offer(cast: Cast) -> dict[str, object]:
    return {"campaign_id": propose_to(cast.school)}


def _mail(cast: Cast) -> dict[str, object]:
    return {**_offer(cast), "language": "sl"}


ROUTES: Routes = {
    "offer": _offer,
    "offer-approve": _offer,
    "offer-refuse": _offer,
    "offer-preview": _mail,
}
