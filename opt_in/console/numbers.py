"""Numbers about people, as the vendor may know them: tens, and nothing below.

The gate hands out tens: 0 stands for anything from 0 to 4. Whether there are four people or none is not for the vendor
to know, so the two look the same here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from opt_in.gate.types import Tally

# States of messages in the order in which they are shown, by what they mean to whoever asked.
SENT = ("sent",)
FAILED = ("failed", "bounced")
WAITING = ("queued", "claimed")
HELD_BACK = ("denied", "suppressed", "cancelled", "expired")
UNKNOWN = ("unknown",)
# Below this a share would say more about single people than about delivery.
ENOUGH_FOR_A_SHARE = 50
TROUBLE_FROM_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Numbers:
    """All multiples of ten. `held_back`: the gate did not let them go."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    held_back: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.failed + self.waiting + self.held_back + self.unknown

    @property
    def failed_percent(self) -> int | None:
        """Failed and bounced of all that was tried, to the next ten percent; None where too few were tried."""
        tried = self.sent + self.failed
        return round(10 * self.failed / tried) * 10 if tried >= ENOUGH_FOR_A_SHARE else None


def numbers_of(tallies: Iterable[Tally]) -> Numbers:
    """Added up over codes and schools: sums of tens, never a count of our own."""

    counted = [(tally.state, tally.messages) for tally in tallies]

    def of(states: tuple[str, ...]) -> int:
        return sum(messages for state, messages in counted if state in states)

    return Numbers(of(SENT), of(FAILED), of(WAITING), of(HELD_BACK), of(UNKNOWN))
