"""What reached parents or tried to, as the director reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from opt_in.envelopes import REACHED, REFUSED, kind_name, state_name
from opt_in.gate import school as gate
from opt_in.gate.school_overview import TimelineEntry
from opt_in.reasons import reason_for
from opt_in.wording import by_channels, product_name

MOST_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class Happening:
    """Messages that are alike, of one day; or one request of the vendor, which is no message."""

    day: date
    origin: str
    what: str
    by: str
    about: str
    campaign_id: UUID | None
    is_request: bool
    became: str
    reason: str
    is_reached: bool
    is_refused: bool
    messages: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Happenings:
    """`missing` counts those that were left out because the period holds too many."""

    rows: list[Happening]
    missing: int


def happenings(*, from_day: date, to_day: date, origin: str | None, to_guardians: bool) -> Happenings:
    """Newest first, both days included."""
    found = gate.timeline(
        from_day=from_day, to_day=to_day, origin=origin, to_guardians=to_guardians, limit=MOST_ENTRIES
    )
    return Happenings(
        rows=[_happening(entry) for entry in found], missing=(found[0].total - len(found)) if found else 0
    )


def latest_happenings(*, from_day: date, to_day: date, most: int) -> list[Happening]:
    """The newest of what was addressed to guardians, and the vendor's requests."""
    return [_happening(entry) for entry in gate.timeline(from_day=from_day, to_day=to_day, limit=most)]


def by_day(rows: Iterable[Happening]) -> list[tuple[date, list[Happening]]]:
    return [(day, list(of_day)) for day, of_day in groupby(rows, key=lambda row: row.day)]


def _happening(entry: TimelineEntry) -> Happening:
    return Happening(
        day=entry.day,
        origin=entry.origin,
        what=kind_name(entry.kind),
        by=by_channels(entry.channel.split(",")),
        about=product_name(entry.product) if entry.product else "",
        campaign_id=entry.campaign_id,
        is_request=entry.kind == "proposal",
        became=state_name(entry.state),
        reason=reason_for(entry.code),
        is_reached=entry.state in REACHED,
        is_refused=entry.state in REFUSED,
        messages=entry.messages,
        first_at=entry.first_at,
        last_at=entry.last_at,
    )
