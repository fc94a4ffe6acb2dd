"""From a campaign that a school allowed to envelopes for its guardians: by the school's worker, inside the school."""

from django.db import transaction

from opt_in.gate import school as gate
from opt_in.gate.types import Expansion


def expand_waiting() -> list[Expansion]:
    """Expand every campaign that this school allows by now and that was not expanded yet; again is harmless."""
    expansions = []
    for campaign_id in gate.waiting_campaigns():
        with transaction.atomic():
            expansions.append(gate.expand(campaign_id))
    return expansions
