"""The proof of the proof: gates one change away from the true one, each caught by the stories or the self-check.

The self-check compares every function with the release, so it catches each of them at the start of a process. A variant
that changes what the gate does must be caught by the stories as well, on their own, as if it had been released.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from opt_in.gate.bootstrap import SQL_FOLDER
from opt_in.gate.selfcheck import findings
from proofs.properties import LENGTH
from proofs.properties.gates import Gate, Gates, gates, let_the_clock_be_set
from proofs.properties.living import live
from proofs.properties.story import draw_story
from proofs.report import Proof
from proofs.variants import VARIANTS, Variant

MOST_STORIES = 200
# For make test: one of each family, those that take long to be found left to make prove.
QUICK = (
    "no claim-time check",
    "revoke without cancel",
    "import grants",
    "resurrect",
    "no advice at expansion",
    "contact change ignored",
    "sender unchecked",
    "Council veto ignored",
    "unconfirmed resolution counts",
    "school taken from a parameter",
    "search_path not pinned",
    "trigger not ENABLE ALWAYS",
)


class Survived(AssertionError):
    """A broken gate was not noticed: there is a hole in the proofs."""


@dataclass(frozen=True, slots=True)
class Caught:
    """Who noticed a broken gate, and by what."""

    variant: Variant
    self_check: str
    story: str
    stories: int

    def sentence(self) -> str:
        by_story = f"the {_ordinal(self.stories)} story ({self.story})" if self.story else "no story (nobody attacks)"
        return f"{self.variant.name}: caught by {by_story} and by the self-check ({self.self_check})."


@contextmanager
def broken_sql(variant: Variant) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sql"
        shutil.copytree(SQL_FOLDER, copy)
        variant.write_to(copy)
        yield copy


def catch(made: Gates, variant: Variant, seed: int, most: int = MOST_STORIES) -> Caught:
    """Raises Survived when nothing in the stories notices a variant that behaves otherwise."""
    with broken_sql(variant) as folder:
        with made.gate(folder) as gate:
            noticed = _noticed_at_start(variant, gate)
        if variant.guard:
            return Caught(variant, noticed, "", 0)
        number = 0
        while number < most:
            with made.gate(folder) as gate:
                let_the_clock_be_set(gate)
                while gate.has_schools(3) and number < most:
                    number += 1
                    _, failure = live(gate, draw_story(seed, number - 1, LENGTH))
                    if failure:
                        return Caught(variant, noticed, failure.what, number)
    raise Survived(f"{variant.name} survived {most} stories of seed {seed}.")


def _noticed_at_start(variant: Variant, gate: Gate) -> str:
    found = findings(gate.session("app_dispatch"))
    if not found:
        raise Survived(f"{variant.name}: the self-check finds nothing.")
    return found[0] if len(found) == 1 else f"{len(found)} findings"


def prove(*, seed: int, seconds: float, quick: bool) -> Proof:
    began = time.monotonic()
    chosen = [one for one in VARIANTS if not quick or one.name in QUICK]
    with gates() as made:
        with made.gate() as gate:
            true_gate = findings(gate.session("app_dispatch"))
        if true_gate:
            raise Survived(f"The self-check refuses the true gate, so it proves nothing: {true_gate}")
        caught = [catch(made, variant, seed) for variant in chosen]
    return Proof(
        "broken_gates",
        [one.sentence() for one in caught],
        {
            "broken gates": len(caught),
            "caught by the stories": sum(bool(one.story) for one in caught),
            "caught by the self-check": sum(bool(one.self_check) for one in caught),
            "stories needed at most": max(one.stories for one in caught),
        },
        time.monotonic() - began,
    )


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"
