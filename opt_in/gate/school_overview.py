"""What the school's pages show of the gate: one person's messages, what an offer would do, what happened day by day.

Imported as part of `opt_in.gate.school`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from opt_in.gate.calls import CursorSource, call_value, from_json, rows_of


@dataclass(frozen=True, slots=True)
class AddressedEnvelope:
    """One message to one person, as that person sees it listed."""

    envelope_id: UUID
    kind: str
    message_class: str
    origin: str
    channel: str
    language: str
    sender_id: str
    sender_name: str | None
    campaign_id: UUID | None
    state: str
    code: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an offer would do through one channel today, in guardians.

    `guardians` are active and adult, `with_contact` have a verified address, `said_yes` gave a yes that counts,
    `said_no` refused or withdrew, `suppressed` objected, complained, stopped or bounced. Only `would_receive` would be
    sent to, once the school allows it.
    """

    channel: str
    guardians: int
    with_contact: int
    said_yes: int
    said_no: int
    suppressed: int
    would_receive: int


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Messages that are alike, of one day in the school's zone; or a request of the vendor, of kind `proposal`.

    A request's state is its first verdict (ALLOW, HOLD, DENY), and its channels stand in `channel`, with commas.
    """

    day: date
    origin: str
    kind: str
    campaign_id: UUID | None
    product: str | None
    channel: str
    state: str
    code: str | None
    messages: int
    first_at: datetime
    last_at: datetime
    total: int


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """Messages of one origin on one day: all, those sent, and those refused or called off."""

    day: date
    origin: str
    messages: int
    sent: int
    refused: int


@dataclass(frozen=True, slots=True)
class Suppression:
    """What closes a person to offers. Without a channel it closes all of them."""

    reason: str
    channel: str | None
    made_at: datetime


def envelopes_of(
    subject: UUID, *, limit: int = 50, before: UUID | None = None, connection: CursorSource | None = None
) -> list[AddressedEnvelope]:
    """What was addressed to one person, newest first; page on with the last id."""
    return rows_of(
        AddressedEnvelope, "SELECT * FROM consent.envelopes_of(%s, %s, %s)", [subject, limit, before], connection
    )


def explain(envelope_id: UUID, *, connection: CursorSource | None = None) -> dict[str, Any]:
    """The public site's explanation of one message of this school, with `subject`, `code`, `created_at`, `ended_at`.

    The caller shows it to `subject` only. An id of another school is GateNotFound.
    """
    explained: dict[str, Any] = from_json(call_value("SELECT consent.explain(%s)", [envelope_id], connection))
    return explained


def forecast(campaign_id: UUID, *, connection: CursorSource | None = None) -> list[Forecast]:
    """One for each channel of the campaign, in its order; empty for a campaign that was not proposed here."""
    return rows_of(Forecast, "SELECT * FROM consent.forecast(%s)", [campaign_id], connection)


def timeline(
    *,
    from_day: date,
    to_day: date,
    origin: str | None = None,
    to_guardians: bool = True,
    limit: int = 100,
    offset: int = 0,
    connection: CursorSource | None = None,
) -> list[TimelineEntry]:
    """Both days included, newest first, at most 1,000 at once; `total` counts the entries of all pages."""
    return rows_of(
        TimelineEntry,
        "SELECT * FROM consent.timeline(%s, %s, %s, %s, %s, %s)",
        [from_day, to_day, origin, to_guardians, limit, offset],
        connection,
    )


def timeline_days(
    *,
    from_day: date,
    to_day: date,
    origin: str | None = None,
    to_guardians: bool = True,
    connection: CursorSource | None = None,
) -> list[TimelineDay]:
    """Oldest first; a day on which nothing was addressed has no row."""
    return rows_of(
        TimelineDay,
        "SELECT * FROM consent.timeline_days(%s, %s, %s, %s)",
        [from_day, to_day, origin, to_guardians],
        connection,
    )


def suppressions_of(subject: UUID, *, connection: CursorSource | None = None) -> list[Suppression]:
    """Objections, complaints, stop words and bounces of one person or of the present addresses, oldest first."""
    return rows_of(Suppression, "SELECT * FROM consent.suppressions_of(%s)", [subject], connection)
