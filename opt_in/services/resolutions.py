"""Resolutions of the Parents' Council: a negative one counts at once, a positive one when the chair has confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from opt_in.gate import school as gate
from opt_in.gate.types import Resolution
from opt_in.tasks import expand_later
from tenants.documents.selectors.documents import kept_among
from tenants.people.models import User


@dataclass(frozen=True, slots=True)
class Vote:
    """How the Council voted, in votes."""

    votes_for: int
    votes_against: int
    votes_abstained: int = 0


class ResolutionAlreadyRecorded(Exception):
    """The same decision of the same day stands there already; nobody can take the second one back."""


class MinutesUnknown(Exception):
    """This school keeps no file with that hash."""


@transaction.atomic
def record_resolution(
    *,
    recorded_by: User,
    in_favour: bool,
    decided_on: date,
    vote: Vote,
    purposes: Sequence[str] = (),
    products: Sequence[str] = (),
    minutes_sha256: bytes | None = None,
) -> UUID:
    """Record what the Council decided. A negative one without purposes and products opposes everything."""
    if minutes_sha256 is not None and not kept_among([minutes_sha256]):
        raise MinutesUnknown
    resolution_id = gate.record_resolution(
        actor=recorded_by.id,
        outcome="positive" if in_favour else "negative",
        decided_on=decided_on,
        votes_for=vote.votes_for,
        votes_against=vote.votes_against,
        votes_abstained=vote.votes_abstained,
        purposes=purposes,
        products=products,
        minutes_sha256=minutes_sha256,
    )
    # The gate holds the school's lock until we commit, so of two that come at once the second one sees the first.
    recorded = {row.resolution_id: _decision(row) for row in gate.resolutions()}
    if list(recorded.values()).count(recorded[resolution_id]) > 1:
        raise ResolutionAlreadyRecorded
    return resolution_id


def _decision(row: Resolution) -> tuple[object, ...]:
    vote = (row.votes_for, row.votes_against, row.votes_abstained)
    return row.outcome, row.decided_on, vote, frozenset(row.purposes), frozenset(row.products)


@transaction.atomic
def confirm_resolution(*, chair: User, resolution_id: UUID) -> None:
    """The chair confirms, with the chair's own account, what somebody else recorded."""
    gate.confirm_resolution(actor=chair.id, resolution_id=resolution_id)
    expand_later()
