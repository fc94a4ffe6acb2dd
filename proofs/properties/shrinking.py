"""Makes a failing story short by leaving acts out, as long as the same invariant still breaks."""

import time
from collections.abc import Callable

from proofs.properties.living import Failure
from proofs.properties.story import Story

_PATIENCE = 60.0


def smallest(failure: Failure, live: Callable[[Story], Failure | None]) -> Failure:
    """Halves first, then ever smaller parts; gives back the shortest found when patience ends."""
    ends = time.monotonic() + _PATIENCE
    acts = failure.story.acts[: failure.at or None]
    best = _again(Story(acts), failure, live) or failure
    part = max(len(best.story.acts) // 2, 1)
    while part and time.monotonic() < ends:
        start = 0
        while start < len(best.story.acts) and time.monotonic() < ends:
            acts = best.story.acts
            shorter = Story(acts[:start] + acts[start + part :])
            better = _again(shorter, failure, live) if shorter.acts else None
            if better:
                best = better
            else:
                start += part
        part //= 2
    return best


def _again(story: Story, failure: Failure, live: Callable[[Story], Failure | None]) -> Failure | None:
    found = live(story)
    return found if found is not None and found.invariant == failure.invariant else None
