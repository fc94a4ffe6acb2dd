"""The vendor's requests to this school, as its director decides about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.types import Proposal

# While one of these stands, no word of the director's would let anything out: there is nothing to decide.
BEYOND_THE_DIRECTOR = frozenset(
    {"DENY_SENDER_NOT_OWNED", "DENY_IMPERSONATION", "DENY_KILL_SWITCH", "DENY_COUNCIL_OPPOSED"}
)


@dataclass(frozen=True, slots=True)
class Offers:
    """`waiting` are those that the director has not decided about and still can; both newest first."""

    waiting: Sequence[Proposal]
    history: Sequence[Proposal]


def has_ended(offer: Proposal, *, now: datetime) -> bool:
    return offer.stopped_at is not None or offer.expires_at <= now


def last_day_of(offer: Proposal) -> date:
    """The day, at the school, of its last moment: one that ends at midnight ends with the day before."""
    return timezone.localdate(offer.expires_at - timedelta(microseconds=1))


def is_approved(offer: Proposal) -> bool:
    """Whether the director's yes is to exactly this content."""
    return offer.approval == "approved" and offer.approved_sha256 == offer.content_sha256


def is_waiting(offer: Proposal, *, now: datetime) -> bool:
    decided = offer.approval is not None and offer.code != "DENY_CONTENT_CHANGED"
    return not (decided or has_ended(offer, now=now) or BEYOND_THE_DIRECTOR & set(offer.codes))


def offers(*, now: datetime) -> Offers:
    every = gate.proposals()
    return Offers(
        waiting=[offer for offer in every if is_waiting(offer, now=now)],
        history=[offer for offer in every if not is_waiting(offer, now=now)],
    )


def offer_called(campaign_id: UUID) -> Proposal | None:
    """One request; None for an id that was not proposed to this school."""
    return next((offer for offer in gate.proposals() if offer.campaign_id == campaign_id), None)
