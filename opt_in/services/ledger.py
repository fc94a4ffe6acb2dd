"""The school's ledger as a file that zgoda-verify reads (docs/ledger.md)."""

from collections.abc import Callable
from typing import TextIO
from uuid import UUID

from opt_in.gate import school as gate
from opt_in.gate.canonical import canonical_json

STREAMS = ("authority", "dispatch", "vendor")
LEAVES_AT_ONCE = 2_000


def _silent(_done: int, _total: int) -> None:
    """Nobody is watching."""


def export_ledger(*, school_id: UUID, out: TextIO, progress: Callable[[int, int], None] = _silent) -> int:
    """Write header and leaves in bounded memory; returns the number of leaves.

    The ledger only grows, so what it held when its sizes were read is what is written, whatever is claimed meanwhile.
    `progress` is called with the leaves written so far and the leaves in all.
    """
    heads = {head.stream: head for head in gate.ledger_heads()}
    header = {
        "format": "zgoda-ledger/1",
        "school": str(school_id),
        "streams": {name: {"size": heads[name].size, "root": heads[name].root.hex()} for name in STREAMS},
    }
    out.write(canonical_json(header) + "\n")
    total = sum(heads[name].size for name in STREAMS)
    written = 0
    for stream in STREAMS:
        seq, size = 1, heads[stream].size
        while seq <= size:
            leaves = gate.ledger(stream=stream, from_seq=seq, max_leaves=min(LEAVES_AT_ONCE, size - seq + 1))
            out.writelines(leaf.export_line() + "\n" for leaf in leaves)
            seq += len(leaves)
            written += len(leaves)
            progress(written, total)
    return written
