"""Lives a story act by act, looks after each, and ends it: everything claimed, delivered, stopped and swept."""

from dataclasses import dataclass
from datetime import timedelta

import psycopg

from opt_in.gate.errors import GateError
from proofs.properties import authority, dispatching, offers, passing, people, wishes  # noqa: F401 — they register their acts
from proofs.properties.gates import Gate
from proofs.properties.ledger import check_ledgers
from proofs.properties.story import ACTS, Act, Story
from proofs.properties.world import DoesNotHold, NothingThere, World, new_world

# What binds at every school, wherever it was done.
_EVERYWHERE = ("object_to_marketing", "import_suppression", "follow_link")


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a story broke, at which act (from 1; 0 is the end), and which invariant."""

    story: Story
    at: int
    invariant: str
    what: str

    def told(self) -> str:
        lines = self.story.told().splitlines()
        lines.append(
            "  … The end: switches go off, all is claimed, the vendor stops, the keeper sweeps, the ledgers are read."
        )
        lines[self.at - 1] += "  ← here it broke"
        return "\n".join([self.what, *lines])


def live(gate: Gate, story: Story) -> tuple[World, Failure | None]:
    """Needs schools that no story has used."""
    schools = 1 + max((_highest_school(act) for act in story.acts), default=0)
    world = new_world(gate, schools, story.to_json())
    number = 0
    try:
        for act in story.acts:
            number += 1
            _perform(world, act)
        number = 0
        _end(world)
    except DoesNotHold as broken:
        return world, Failure(story, number, broken.invariant, str(broken))
    except (GateError, psycopg.Error) as error:
        # what should have been possible was not: a decision that cannot be made is no verdict
        what = f"I13: {type(error).__name__}: {error}".strip().splitlines()[0]
        return world, Failure(story, number, "I13", what)
    return world, None


def _perform(world: World, act: Act) -> None:
    kind = ACTS[act.name]
    world.nature = kind.nature
    try:
        kind.perform(world, **act.args)
    except NothingThere:
        world.figures["acts passed over"] += 1
    else:
        world.figures["acts"] += 1
    # also an act that found nothing may have done something on its way there
    number = act.args.get("school")
    there = None
    if number is not None and number < len(world.history.schools) and act.name not in _EVERYWHERE:
        there = world.history.schools[number].id
    world.natures.append((world.nature, there))
    world.observe()


def _end(world: World) -> None:
    """Nothing stays half done, so that the ledger can be compared with everything that happened."""
    for act in (
        Act("switch_off", {}),
        Act("claim", {"which": "all", "mood": "delivers"}),
        Act("wait", {"minutes": 2}),
        *(Act("look", {"school": number, "campaign": 0}) for number in range(len(world.history.schools))),
        *(Act("stop", {"campaign": number}) for number in range(len(world.history.campaigns))),
        Act("sweep", {}),
    ):
        _perform(world, act)
    wishes.check_no_grant_but_by_a_yes(world, world.now())
    check_ledgers(world)
    world.gate.set_clock(timedelta(0))


def _highest_school(act: Act) -> int:
    named: list[int] = [act.args.get("school", 0), act.args.get("other", 0), *act.args.get("schools", [0])]
    return max(named)
