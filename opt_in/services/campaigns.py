"""What the vendor may do about a campaign: ask, and stop. Runs in the vendor's process; knows no person of a school."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from opt_in.gate import vendor as gate


@transaction.atomic
def propose_campaign(*, request: Mapping[str, Any]) -> UUID:
    """Put a request into the gate's inbox; the keeper judges it for each school. Nothing is sent by this.

    `request` holds sender, purpose, product, channels, audience, not_before, expires_at (RFC 3339), texts (channel →
    language → subject, body) and targets (countries, schools). A malformed one is refused with a reason by the keeper.
    """
    return gate.propose(request)


@transaction.atomic
def stop_campaign(*, campaign_id: UUID) -> None:
    gate.stop_campaign(campaign_id)
