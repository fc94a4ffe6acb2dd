"""The Council's resolutions with their standing today, and who recorded and confirmed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.types import Resolution
from opt_in.wording import product_names
from tenants.documents.selectors.documents import kept_among
from tenants.people.models import User


class Standing(StrEnum):
    """What a resolution does today; the gate decides by the same rule (docs/gate.md, rule 8)."""

    OPPOSES = "opposes"
    ALLOWS = "allows"
    WAITS = "waits"  # for the chair
    LATER = "later"  # confirmed, and decided on a day to come
    ENDED = "ended"  # of an earlier school year
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class RecordedResolution:
    """`has_minutes` says whether this school still keeps the file."""

    resolution: Resolution
    standing: Standing
    recorded_by: str
    confirmed_by: str
    has_minutes: bool

    @property
    def about(self) -> str:
        """Its packages by name; empty when it speaks of all."""
        return product_names(self.resolution.products) if self.resolution.products else ""


def recorded_resolutions() -> list[RecordedResolution]:
    """Newest first, in a fixed number of queries."""
    found = gate.resolutions()
    people = {one for row in found for one in (row.recorded_by, row.confirmed_by) if one is not None}
    names = {person.id: person.full_name for person in User.objects.filter(pk__in=people)}
    kept = kept_among(row.minutes_sha256 for row in found if row.minutes_sha256 is not None)
    today = timezone.localdate()
    return [
        RecordedResolution(
            resolution=row,
            standing=standing_of(row, later=found[:place], today=today),
            recorded_by=names.get(row.recorded_by, ""),
            confirmed_by=names.get(row.confirmed_by, "") if row.confirmed_by else "",
            has_minutes=row.minutes_sha256 in kept,
        )
        for place, row in enumerate(found)
    ]


def recorded_resolution(resolution_id: UUID) -> RecordedResolution | None:
    return next((row for row in recorded_resolutions() if row.resolution.resolution_id == resolution_id), None)


def standing_of(row: Resolution, *, later: Sequence[Resolution], today: date) -> Standing:
    """`later` are those decided after it, or recorded after it on the same day."""
    if row.outcome == "positive" and row.confirmed_at is None:
        return Standing.WAITS
    if any(_counts(other) and _covers(other, row) for other in later):
        return Standing.OVERTAKEN
    if row.outcome == "negative":
        return Standing.OPPOSES
    if _school_year(row.decided_on) < _school_year(today):
        return Standing.ENDED
    return Standing.LATER if row.decided_on > today else Standing.ALLOWS


def _counts(row: Resolution) -> bool:
    return row.outcome == "negative" or row.confirmed_at is not None


def _covers(later: Resolution, row: Resolution) -> bool:
    """Whether everything that the earlier one speaks of is spoken of by the later one. Empty lists mean everything."""
    pairs = ((later.purposes, row.purposes), (later.products, row.products))
    return all(not wide or (bool(narrow) and set(narrow) <= set(wide)) for wide, narrow in pairs)


def _school_year(day: date) -> int:
    return day.year - (day.month < 9)
