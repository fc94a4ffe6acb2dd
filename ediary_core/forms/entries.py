"""Entries as a device sends them: JSON, possibly late, possibly made by something that is not our page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ediary_core.models import ChangeKind
from ediary_core.services.entries import Entry

# A class of 40 and everything around it, many times over; a device sends the rest afterwards.
MOST_ENTRIES = 500


class NotEntries(ValueError):
    """The body is no list of entries."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What could be read, and the ids, as they were sent, of what could not."""

    entries: tuple[Entry, ...]
    unreadable: tuple[str, ...]


def read_entries(body: bytes) -> Sent:
    """`{"entries": [{"id", "kind", "value", "entered_at", "pupil"?, "seen"?}]}`; ids are UUIDs, `entered_at` is in
    milliseconds since 1970."""
    try:
        rows = json.loads(body)["entries"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NotEntries from None
    if not isinstance(rows, list) or len(rows) > MOST_ENTRIES:
        raise NotEntries
    entries, unreadable = [], []
    for row in rows:
        try:
            entries.append(_entry(row))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
            unreadable.append(str(row.get("id", ""))[:64] if isinstance(row, dict) else "")
    return Sent(tuple(entries), tuple(unreadable))


def _entry(row: Mapping[str, Any]) -> Entry:
    if not isinstance(row["value"], str):
        raise TypeError
    # JSON can hold half a letter; a text in UTF-8 cannot.
    row["value"].encode()
    return Entry(
        id=UUID(row["id"]),
        kind=ChangeKind(row["kind"]),
        value=row["value"].strip(),
        entered_at=datetime.fromtimestamp(row["entered_at"] / 1000, UTC),
        pupil_id=UUID(row["pupil"]) if row.get("pupil") else None,
        seen=UUID(row["seen"]) if row.get("seen") else None,
    )
