"""A witness's calls (login ledger_witness): read any school's ledger, change nothing."""

from uuid import UUID

from opt_in.gate.calls import CursorSource, call, rows_of
from opt_in.gate.types import Checkpoint, Leaf


def read_ledger(
    *, school_id: UUID, stream: str, from_seq: int = 1, max_leaves: int = 1000, connection: CursorSource | None = None
) -> list[Leaf]:
    rows = call(
        "SELECT * FROM consent.read_ledger(%s, %s, %s, %s)", [school_id, stream, from_seq, max_leaves], connection
    )
    return [Leaf(stream, *row) for row in rows]


def read_checkpoints(*, school_id: UUID, connection: CursorSource | None = None) -> list[Checkpoint]:
    return rows_of(Checkpoint, "SELECT * FROM consent.read_checkpoints(%s)", [school_id], connection)
