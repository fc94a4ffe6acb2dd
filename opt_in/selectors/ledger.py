"""The ledger as people read it: the newest leaves first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import overload

from opt_in.gate import school as gate
from opt_in.gate.types import Checkpoint, Head
from opt_in.leaves import ReadLeaf, read_leaf


class NewestLeaves(Sequence[ReadLeaf]):
    """All leaves of one stream, newest first; only the slice that is looked at is read."""

    def __init__(self, head: Head) -> None:
        self.head = head

    def __len__(self) -> int:
        return self.head.size

    @overload
    def __getitem__(self, wanted: int) -> ReadLeaf: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[ReadLeaf]: ...
    def __getitem__(self, wanted: int | slice) -> ReadLeaf | list[ReadLeaf]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        start, stop, _step = wanted.indices(len(self))
        newest = len(self) - start
        oldest = max(len(self) - stop + 1, 1)
        if newest < oldest:
            return []
        leaves = gate.ledger(stream=self.head.stream, from_seq=oldest, max_leaves=newest - oldest + 1)
        return [read_leaf(leaf) for leaf in reversed(leaves)]


@dataclass(frozen=True, slots=True)
class CheckpointsOfDay:
    """What one checkpoint mail holds: one line for each stream."""

    made_at: datetime
    checkpoints: tuple[Checkpoint, ...]


def checkpoint_days() -> list[CheckpointsOfDay]:
    """Newest first."""
    made = groupby(gate.checkpoints(), key=lambda point: point.made_at)
    return [CheckpointsOfDay(made_at, tuple(points)) for made_at, points in made][::-1]
