"""Verdicts follow from the exported ledger alone.

Stories (proofs/properties) are lived with the real logins; then each school's ledger is exported, verified with
zgoda-verify, and read by a program that has nothing but the file (proofs/replay_reader.py).
"""

import io
import time
from collections import Counter

import zgoda_verify
from proofs.exports import exported
from proofs.properties.gates import gates, let_the_clock_be_set
from proofs.properties.living import live
from proofs.properties.story import Story, draw_story
from proofs.replay_reader import PROVED, replay
from proofs.report import Proof

QUICK_STORIES, STORIES, LENGTH = 12, 100, 90
FEWEST_ALLOWED = 1  # per story, on average


class TooLittleShown(AssertionError):
    """The ledgers followed, but too little happened in them."""


def prove(*, seed: int, seconds: float, quick: bool) -> Proof:
    """A fixed number of stories, so that the seed alone decides what is tried."""
    began = time.monotonic()
    stories = QUICK_STORIES if quick else STORIES
    found: Counter[str] = Counter()
    ledgers = 0
    with gates() as made:
        for number in range(stories):
            with made.gate() as gate:
                let_the_clock_be_set(gate)
                world, failure = live(gate, unswept(draw_story(seed, number, LENGTH)))
                if failure:
                    raise AssertionError(f"The story itself does not hold, see the proof properties.\n{failure.told()}")
                for school in world.history.schools:
                    lines = exported(school.id, gate.session("ledger_witness"))
                    verify(lines)
                    try:
                        found += replay(lines)
                    except AssertionError as error:
                        error.add_note(f"story {number} of seed {seed}, school {school.id}")
                        raise
                    ledgers += 1
    if found["ALLOW"] < FEWEST_ALLOWED * stories:
        raise TooLittleShown(f"Only {found['ALLOW']} offers were allowed in {stories} stories.")
    decisions = found["ALLOW"] + found["DENY"]
    met = PROVED & found.keys()
    return Proof(
        "replay",
        [
            f"{decisions:,} decisions about offers were re-derived from {ledgers} exported ledgers and nothing else,"
            f" {found['ALLOW']:,} of them ALLOW.",
            f"{len(met)} of the {len(PROVED)} codes that a ledger proves occurred.",
        ],
        {"ledgers": ledgers, "decisions re-derived": decisions, "allowed": found["ALLOW"]},
        time.monotonic() - began,
    )


def unswept(story: Story) -> Story:
    """Without the keeper's tidying the claim itself meets what has become impossible, and says why in a leaf."""
    return Story(tuple(act for act in story.acts if act.name not in ("sweep", "rehearse")))


def verify(lines: list[str]) -> None:
    """Raises when zgoda-verify would not say GOOD."""
    findings = zgoda_verify.Findings()
    zgoda_verify.verify_ledger(io.BytesIO("".join(f"{line}\n" for line in lines).encode()), findings, [])
    if findings.exit_code != zgoda_verify.GOOD:
        raise AssertionError("; ".join(findings.bad))
