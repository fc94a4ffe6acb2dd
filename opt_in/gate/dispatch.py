"""The dispatcher's calls (login app_dispatch)."""

from collections.abc import Sequence
from uuid import UUID

from opt_in.gate.calls import CursorSource, call, call_value, from_json, rows_of
from opt_in.gate.types import Decision, Due, ProviderEvent, Taken

__all__ = [
    "Decision",
    "Due",
    "ProviderEvent",
    "Taken",
    "campaign_content",
    "claim",
    "complete",
    "due",
    "finish_provider_event",
    "provider_events",
    "report_delivery",
    "report_feedback",
    "stop_by_address",
    "take",
]

_SCHOOL_NAMES = 7  # its place among the columns of take()


def due(
    maximum: int,
    shard: int = 0,
    shards: int = 1,
    *,
    channels: Sequence[str] | None = None,
    connection: CursorSource | None = None,
) -> list[Due]:
    """What may be claimed now, most urgent first, one school after the other. Shards split by school.

    `channels`: only what goes by one of these; None: everything.
    """
    wanted = None if channels is None else list(channels)
    return rows_of(
        Due, "SELECT * FROM consent.due(%s, %s, %s, %s::text[])", [maximum, shard, shards, wanted], connection
    )


def claim(ids: Sequence[UUID], *, connection: CursorSource | None = None) -> list[Decision]:
    """Decide over at most 100 messages. Counts when committed; an ALLOW is leased for 30 seconds."""
    return rows_of(Decision, "SELECT * FROM consent.claim(%s::uuid[])", [list(ids)], connection)


def take(ids: Sequence[UUID], *, connection: CursorSource | None = None) -> list[Taken]:
    """Parameters, sealed address and a fresh token of claimed messages, once per claim."""
    rows = call("SELECT * FROM consent.take(%s::uuid[])", [list(ids)], connection)
    taken = []
    for row in rows:
        values = list(row)
        values[_SCHOOL_NAMES] = from_json(values[_SCHOOL_NAMES])
        taken.append(Taken(*values))
    return taken


def campaign_content(campaign_id: UUID, *, connection: CursorSource | None = None) -> bytes:
    """RFC 8785 bytes; their SHA-256 must be the `content_sha256` of the message."""
    return bytes(call_value("SELECT consent.campaign_content(%s)", [campaign_id], connection))


def complete(
    envelope_id: UUID,
    outcome: str,
    provider_id: str | None = None,
    detail: str | None = None,
    *,
    connection: CursorSource | None = None,
) -> str:
    """Say how it ended: sent, retry, failed or bounced. Returns what became of it; GateConflict after the lease."""
    return str(
        call_value("SELECT consent.complete(%s, %s, %s, %s)", [envelope_id, outcome, provider_id, detail], connection)
    )


def report_feedback(envelope_id: UUID, reason: str, *, connection: CursorSource | None = None) -> None:
    """What a provider reports later: complaint, stop or bounce."""
    call("SELECT consent.report_feedback(%s, %s)", [envelope_id, reason], connection)


def provider_events(maximum: int, *, connection: CursorSource | None = None) -> list[ProviderEvent]:
    """What the public site has put into the inbox, oldest first, until it is finished."""
    return rows_of(ProviderEvent, "SELECT * FROM consent.provider_events(%s)", [maximum], connection)


def finish_provider_event(event_id: int, *, connection: CursorSource | None = None) -> None:
    """It has been acted upon; its content is erased. Twice is harmless."""
    call("SELECT consent.finish_provider_event(%s)", [event_id], connection)


def stop_by_address(channel: str, address_hash: bytes, *, connection: CursorSource | None = None) -> int:
    """No more offers to this address on this channel, and each yes for it withdrawn; returns at how many schools."""
    return int(call_value("SELECT consent.stop_by_address(%s, %s)", [channel, address_hash], connection))


def report_delivery(envelope_id: UUID, *, delivered: bool, connection: CursorSource | None = None) -> None:
    """The provider's final word about one message. The first one counts; the third failure in a row is a bounce."""
    call("SELECT consent.report_delivery(%s, %s)", [envelope_id, delivered], connection)
