"""The school's ledger as a file that zgoda-verify reads (docs/ledger.md)."""

from collections.abc import Callable, Iterable, Iterator
from typing import TextIO
from uuid import UUID

from opt_in.gate import school as gate
from opt_in.gate.canonical import canonical_json
from opt_in.gate.types import Checkpoint

STREAMS = ("authority", "dispatch", "vendor")
LEAVES_AT_ONCE = 2_000


def _silent(_done: int, _total: int) -> None:
    """Nobody is watching."""


def ledger_lines(*, school_id: UUID) -> Iterator[tuple[list[str], int]]:
    """The file's lines in bounded memory, in parts of some lines and the number of all leaves: first the header alone.

    The ledger only grows, so what it held when its sizes were read is what is written, whatever is claimed meanwhile.
    """
    heads = {head.stream: head for head in gate.ledger_heads()}
    header = {
        "format": "zgoda-ledger/1",
        "school": str(school_id),
        "streams": {name: {"size": heads[name].size, "root": heads[name].root.hex()} for name in STREAMS},
    }
    total = sum(heads[name].size for name in STREAMS)
    yield [canonical_json(header) + "\n"], total
    for stream in STREAMS:
        seq, size = 1, heads[stream].size
        while seq <= size:
            leaves = gate.ledger(stream=stream, from_seq=seq, max_leaves=min(LEAVES_AT_ONCE, size - seq + 1))
            yield [leaf.export_line() + "\n" for leaf in leaves], total
            seq += len(leaves)


def export_ledger(*, school_id: UUID, out: TextIO, progress: Callable[[int, int], None] = _silent) -> int:
    """Write header and leaves; returns the number of leaves.

    `progress` is called with the leaves written so far and the leaves in all.
    """
    parts = ledger_lines(school_id=school_id)
    header, total = next(parts)
    out.writelines(header)
    written = 0
    for lines, _total in parts:
        out.writelines(lines)
        written += len(lines)
        progress(written, total)
    return written


def checkpoints_file(*, school_id: UUID, checkpoints: Iterable[Checkpoint]) -> str:
    """Checkpoints as zgoda-verify reads them: one JSON array, one checkpoint a line."""
    lines = (
        canonical_json(
            {
                "at": point.made_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "origin": f"zgoda/{school_id}/{point.stream}",
                "root": point.root.hex(),
                "size": point.size,
            }
        )
        for point in checkpoints
    )
    return "[\n" + ",\n".join(lines) + "\n]\n"
