"""The stories' quick part, and the proof that they can fail: a broken gate is told, made short, and lived again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from proofs import properties
from proofs.broken_gates import broken_sql
from proofs.properties.gates import Gates, gates, let_the_clock_be_set
from proofs.properties.living import Failure, live
from proofs.properties.shrinking import smallest
from proofs.properties.story import Story, draw_story
from proofs.variants import VARIANTS

SEED = 20261121


@pytest.fixture(scope="module")
def made() -> Iterator[Gates]:
    with gates() as made:
        yield made


@contextmanager
def broken(made: Gates, name: str) -> Iterator[list[Failure]]:
    """What stories on this broken gate show; each story on a database of its own."""
    (variant,) = [one for one in VARIANTS if one.name == name]
    found: list[Failure] = []

    with broken_sql(variant) as folder:

        def attempt(story: Story) -> Failure | None:
            with made.gate(folder) as gate:
                let_the_clock_be_set(gate)
                return live(gate, story)[1]

        for number in range(10):
            failure = attempt(draw_story(SEED, number, properties.LENGTH))
            if failure:
                found += [failure, smallest(failure, attempt)]
                break
        yield found


def lived_on_true_gate(made: Gates, story: Story) -> Failure | None:
    with made.gate() as gate:
        let_the_clock_be_set(gate)
        return live(gate, story)[1]


@pytest.mark.timeout(240)
def test_the_invariants_hold_in_every_story_of_the_quick_part() -> None:
    proof = properties.prove(seed=SEED, seconds=60, quick=True)

    assert proof.figures["stories"] == properties.QUICK_STORIES
    assert int(proof.figures["offers sent"]) >= 20


def test_a_failure_is_told_as_a_short_story_that_can_be_lived_again(made: Gates) -> None:
    with broken(made, "no claim-time check") as found:
        first, shortest = found

        assert len(shortest.story.acts) < len(first.story.acts)
        assert len(shortest.story.acts) <= 12
        assert "  1. School A " in shortest.told()
        assert "← here it broke" in shortest.told()
        assert Story.from_json(shortest.story.to_json()) == shortest.story
        assert lived_on_true_gate(made, shortest.story) is None


def test_a_seed_tells_the_same_story_every_time_and_another_seed_another_one() -> None:
    assert draw_story(SEED, 3, 75) == draw_story(SEED, 3, 75)
    assert draw_story(SEED, 3, 75) != draw_story(SEED + 1, 3, 75)
    assert draw_story(SEED, 3, 75) != draw_story(SEED, 4, 75)


def test_stories_in_which_too_little_is_sent_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(properties, "QUICK_STORIES", 1)
    monkeypatch.setattr(properties, "LENGTH", 4)
    monkeypatch.setattr(properties, "FEWEST_SENT", 1000)

    with pytest.raises(properties.TooLittleShown):
        properties.prove(seed=SEED, seconds=60, quick=True)
