"""The gate against stories that nobody thought of: invariants over what happened, with real PostgreSQL and real logins.

A story is drawn from a seed before it begins, as plain data: acts with small numbers for whom they concern. It is lived
by schools, directors, chairs, guardians, the vendor, keeper, dispatcher and public site, each with its own login. What
the acts did is written down by the machine itself (history.py), and every verdict, mail, envelope and leaf is compared
with that history; the decision is never asked a second time to be compared with itself.

The stories are drawn by our own seeded dice and not by a rule machine of Hypothesis, for three reasons. A world where
an offer may go out needs a dozen acts in order, and an unbiased machine almost never gets there; here whole habits are
drawn (a new school year, another offer, a round of yeses). As acts are plain data and pass over what is not there, any
part of a story is a story, so a failure is made small by leaving acts out, and replayed from a line of JSON. And a run
must be able to say what it hit: how much was sent, and that every code of the policy was met.
"""

import re
import time
from collections import Counter
from contextlib import ExitStack

import psycopg

from local.guards import answers
from local.keys import SUPERUSER
from opt_in.gate.codes import CODES
from proofs.properties.gates import Gate, Gates, gates, let_the_clock_be_set
from proofs.properties.living import Failure, live
from proofs.properties.shrinking import smallest
from proofs.properties.story import Story, draw_story
from proofs.report import Proof

LENGTH = 75
QUICK_STORIES, STORIES = 40, 500
FEWEST_SENT = 200


class PropertyBroken(AssertionError):
    """An invariant does not hold; the message tells the shortest story that shows it, and how to live it again."""


class TooLittleShown(AssertionError):
    """The stories were lived and nothing broke, but too little happened in them to prove anything."""


class Lives:
    """Lives stories one after the other, in as many databases as they need, and adds up what they showed."""

    def __init__(self, made: Gates) -> None:
        self.made = made
        self.codes: Counter[str] = Counter()
        self.figures: Counter[str] = Counter()
        self._stack = ExitStack()
        self._gate: Gate | None = None

    def live(self, story: Story) -> Failure | None:
        gate = self._with_room()
        world, failure = live(gate, story)
        self.codes += world.codes
        self.figures += world.figures
        self.figures["stories"] += 1
        if failure:
            self.close()  # switches and clocks are as the broken story left them
        return failure

    def _with_room(self) -> Gate:
        if self._gate is None or not self._gate.has_schools(3):
            self.close()
            self._gate = self._stack.enter_context(self.made.gate())
            let_the_clock_be_set(self._gate)
        return self._gate

    def close(self) -> None:
        self._stack.close()
        self._gate = None


def prove(*, seed: int, seconds: float, quick: bool) -> Proof:
    """The number of stories is fixed, so that a seed always tells the same; `seconds` is only where it gives up."""
    began = time.monotonic()
    wanted = QUICK_STORIES if quick else STORIES
    with gates() as made:
        lives = Lives(made)
        try:
            for number in range(wanted):
                failure = lives.live(draw_story(seed, number, LENGTH))
                if failure:
                    raise PropertyBroken(_told(smallest(failure, lives.live), f"{seed}/{number}"))
                if time.monotonic() - began > seconds * 3:
                    raise TooLittleShown(f"Only {number + 1} of {wanted} stories were lived in {seconds * 3:.0f} s.")
        finally:
            lives.close()
        guards = 0 if quick else guards_noticed_at_start(made)  # the quick part has them in tests/attack
    _require_enough(lives, quick)
    figures = lives.figures
    return Proof(
        "properties",
        [
            "Every offer that left had an instruction, a resolution, an approval and the guardian's own yes.",
            "Every verdict names exactly the rules that its past breaks; every change has its leaf.",
        ],
        {
            "stories": figures["stories"],
            "acts": figures["acts"],
            "decisions": figures["decisions"],
            "offers sent": figures["offers sent"],
            "decisions compared with a rehearsal": figures["compared decisions"],
            "refusals": figures["refusals"],
            "leaves verified": figures["leaves"],
            "guards taken away and noticed": guards,
            "codes met": f"{len(lives.codes.keys() & CODES.keys())} of {len(CODES)}",
        },
        time.monotonic() - began,
    )


def guards_noticed_at_start(made: Gates) -> int:
    """I20: takes each guard away, one by one, and returns how many; the start-up check must refuse each time."""
    count = 0
    with made.gate() as gate, psycopg.connect(made.cluster.conninfo(SUPERUSER, gate.database)) as superuser:
        for answer in answers(superuser):
            count += 1
            if not answer.refusals:
                raise PropertyBroken(f"I20: the start-up check does not notice the loss of {answer.removal.guard}")
    return count


def replay(text: str) -> None:
    """Live one story again: the JSON that a failure printed, or the seed and number of the whole story (7/31)."""
    whole = re.fullmatch(r"(\d+)/(\d+)", text)
    story = draw_story(int(whole[1]), int(whole[2]), LENGTH) if whole else Story.from_json(text)
    with gates() as made:
        lives = Lives(made)
        try:
            failure = lives.live(story)
        finally:
            lives.close()
    if failure:
        raise PropertyBroken(_told(failure, text))


def _told(failure: Failure, whole: str) -> str:
    again = f".venv/bin/python -m proofs --only properties --replay '{failure.story.to_json()}'"
    return f"{failure.told()}\n\nAgain: {again}\nThe whole story: --replay {whole}"


def _require_enough(lives: Lives, quick: bool) -> None:
    sent = lives.figures["offers sent"]
    if sent < (FEWEST_SENT // 10 if quick else FEWEST_SENT):
        raise TooLittleShown(f"Only {sent} offers were sent; that proves nothing.")
    missing = sorted(CODES.keys() - lives.codes.keys())
    if missing and not quick:
        raise TooLittleShown(f"No story met {', '.join(missing)}.")
