"""Requests that the school has allowed but for one thing, and the director's yes through the browser."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.types import Proposal
from opt_in.services.instructions import authorise_marketing
from opt_in.services.resolutions import Vote, confirm_resolution, record_resolution
from tenants.people.models import User
from tenants.people.services.roles import appoint_council_chair
from tests.school.visitors import Visitor

SCOPE: dict[str, Any] = {"purposes": ["vendor_offers"], "products": ["plus"]}


def offer_called(campaign_id: UUID) -> Proposal:
    return next(offer for offer in gate.proposals() if offer.campaign_id == campaign_id)


def allow_but_for_the_content(director: User, chair: User, **more: Any) -> None:
    appoint_council_chair(director=director, chair=chair)
    resolution_id = record_resolution(
        recorded_by=director, in_favour=True, decided_on=timezone.localdate(), vote=Vote(9, 1), **SCOPE
    )
    confirm_resolution(chair=chair, resolution_id=resolution_id)
    authorise_marketing(director=director, channels=["email"], **SCOPE, **more)


def approve(desk: Visitor, campaign_id: UUID, sha256: str) -> Any:
    return desk.post(reverse("offer-approve", args=[campaign_id]), {"content_sha256": sha256}, follow=True)
