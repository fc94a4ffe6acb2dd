"""The school's instruction to the vendor: what lets it ask at all, and what ends that at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from opt_in.gate import school as gate
from opt_in.gate.types import Revocation
from opt_in.tasks import expand_later
from tenants.people.models import User


@transaction.atomic
def authorise_marketing(
    *,
    director: User,
    purposes: Sequence[str],
    products: Sequence[str],
    channels: Sequence[str],
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> UUID:
    """Authorise the vendor within this scope, until 31 August at the latest. Returns the instruction's id."""
    instruction_id = gate.authorise(
        actor=director.id,
        purposes=purposes,
        products=products,
        channels=channels,
        audience="guardians",
        valid_from=valid_from,
        valid_to=valid_to,
    )
    expand_later()
    return instruction_id


@transaction.atomic
def revoke_marketing(*, director: User, reason: str) -> Revocation:
    """End every live instruction of the school. When this has committed, no later claim is allowed."""
    return gate.revoke(actor=director.id, reason=reason)
