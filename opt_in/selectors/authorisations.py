"""What the school allows the vendor now, what it allowed before, and what its Council says to it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.types import Instruction, Proposal, Resolution


class Standing(StrEnum):
    LIVE = "live"
    LATER = "later"
    REVOKED = "revoked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Authorisation:
    instruction: Instruction
    standing: Standing

    @property
    def is_in_force(self) -> bool:
        return self.standing in (Standing.LIVE, Standing.LATER)

    @property
    def last_day(self) -> date:
        """It ends with the last moment of the day before."""
        return timezone.localdate(self.instruction.valid_to - timedelta(microseconds=1))


def authorisations(*, now: datetime) -> Sequence[Authorisation]:
    """All that the school ever gave, newest first."""
    return [Authorisation(one, _standing(one, now)) for one in gate.instructions()]


def authorisation_for(offer: Proposal, *, now: datetime) -> Authorisation | None:
    """One in force that covers all that this request asks for; of several the one that lasts longest."""
    covering = [
        one
        for one in authorisations(now=now)
        if one.standing is Standing.LIVE
        and offer.purpose in one.instruction.purposes
        and offer.product in one.instruction.products
        and set(offer.channels) <= set(one.instruction.channels)
    ]
    return max(covering, key=lambda one: one.instruction.valid_to, default=None)


def _standing(instruction: Instruction, now: datetime) -> Standing:
    if instruction.revoked_at is not None:
        return Standing.REVOKED
    if instruction.valid_to <= now:
        return Standing.ENDED
    return Standing.LATER if instruction.valid_from > now else Standing.LIVE


def opposition(resolutions: Iterable[Resolution], *, products: Collection[str]) -> Resolution | None:
    """The Council's no that stands against one of these products; without products the one against everything.

    As the gate reads it: a no counts at once for what it names, or for everything; a yes once it is confirmed; the
    latest by the day it was decided wins. `resolutions` come in that order.
    """
    latest_first = list(resolutions)
    for product in products or ("",):
        latest = next((one for one in latest_first if _speaks_of(one, product)), None)
        if latest is not None and latest.outcome == "negative":
            return latest
    return None


def _speaks_of(resolution: Resolution, product: str) -> bool:
    named = product in resolution.products
    if resolution.outcome == "negative":
        return named or not resolution.products
    return resolution.confirmed_at is not None and named


def last_day(*, today: date) -> date:
    """31 August of the school year: no authorisation outlives it."""
    return date(today.year + (today.month >= 9), 8, 31)


def end_of(day: date, zone: str) -> datetime:
    """The moment at which a day is over at the school."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
