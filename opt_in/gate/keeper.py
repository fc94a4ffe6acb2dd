"""The keeper's calls (login app_keeper)."""

from typing import Any
from uuid import UUID

from opt_in.gate.calls import CursorSource, call_one, call_value, from_json
from opt_in.gate.types import Sweep


def judge(maximum: int = 20, *, connection: CursorSource | None = None) -> int:
    """Handle requests of the vendor; returns how many."""
    return int(call_value("SELECT consent.judge(%s)", [maximum], connection))


def sweep(maximum: int = 1000, *, connection: CursorSource | None = None) -> Sweep:
    """Close what no longer may go out, end leases, chain outcomes. Call again while something comes back."""
    return Sweep(*call_one("SELECT * FROM consent.sweep(%s)", [maximum], connection))


def tally(*, connection: CursorSource | None = None) -> int:
    """Renew what the vendor may read: numbers and the schools' verdicts."""
    return int(call_value("SELECT consent.tally()", (), connection))


def make_checkpoints(*, connection: CursorSource | None = None) -> int:
    """For each school where something happened and whose last checkpoint is older than 20 hours."""
    return int(call_value("SELECT consent.make_checkpoints()", (), connection))


def make_checkpoint(school_id: UUID, *, connection: CursorSource | None = None) -> list[dict[str, Any]]:
    """Now, for one school: one checkpoint per stream, queued to the director and the chair."""
    points: list[dict[str, Any]] = from_json(call_value("SELECT consent.make_checkpoint(%s)", [school_id], connection))
    return points
