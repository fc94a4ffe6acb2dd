"""What a request would do at this school today, in numbers of guardians."""

from collections.abc import Sequence
from dataclasses import dataclass

from opt_in.gate import school as gate
from opt_in.gate.school_overview import Forecast
from opt_in.gate.types import Proposal

# Claimed or ended in any way after it was claimed: beyond recall.
HANDED_OVER = frozenset({"claimed", "sent", "unknown", "failed", "bounced"})


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the messages of this request, `handed_over` already left and `waiting` still can be called off."""

    channels: Sequence[Forecast]
    handed_over: int
    waiting: int

    @property
    def guardians(self) -> int:
        return max((channel.guardians for channel in self.channels), default=0)

    @property
    def would_receive(self) -> int:
        return sum(channel.would_receive for channel in self.channels)


def figures_of(offer: Proposal) -> Figures:
    counted = gate.counts(offer.campaign_id) if offer.expanded_at is not None else []
    return Figures(
        channels=gate.forecast(offer.campaign_id),
        handed_over=sum(count.messages for count in counted if count.state in HANDED_OVER),
        waiting=sum(count.messages for count in counted if count.state == "queued"),
    )
