"""Stories: lists of acts as plain data, drawn by a seed, told in sentences, and as JSON to be replayed."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

SCHOOLS = "ABC"
Args = dict[str, Any]


Perform = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Act:
    """One act by name. Its arguments are small numbers and words, so that any part of a story is a story."""

    name: str
    args: Args

    def sentence(self) -> str:
        shown = {name: _shown(name, value) for name, value in self.args.items()}
        return ACTS[self.name].sentence.format_map(shown)


@dataclass(frozen=True, slots=True)
class Story:
    acts: tuple[Act, ...]

    def told(self) -> str:
        return "\n".join(f"{number:>3}. {act.sentence()}" for number, act in enumerate(self.acts, start=1))

    def to_json(self) -> str:
        return json.dumps([[act.name, act.args] for act in self.acts], separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Story":
        return cls(tuple(Act(name, args) for name, args in json.loads(text)))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of act: how it is told, how often it is drawn, what its arguments may be, and how it is done."""

    sentence: str
    weight: int
    draw: Callable[["Draw"], Args]
    perform: Perform
    nature: str


ACTS: dict[str, Kind] = {}

# What an act can do to a verdict; the metamorphic invariants I8, I9, I10 and I12 speak of these.
OTHER, RESTRICTS, TIME, NOTHING = "other", "restricts", "time", "nothing"


def act(
    sentence: str, *, weight: int, draw: Callable[["Draw"], Args], nature: str = OTHER
) -> Callable[[Perform], Perform]:
    def register(perform: Perform) -> Perform:
        ACTS[perform.__name__] = Kind(sentence, weight, draw, perform, nature)
        return perform

    return register


@dataclass(slots=True)
class Draw:
    """The dice, and a rough idea of what there is by now."""

    rng: random.Random
    schools: int
    campaigns: int = 0
    guardians: int = 4

    def one(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def mostly(self, usual: Any, *others: Any, often: float = 0.8) -> Any:
        return usual if self.rng.random() < often else self.rng.choice(others)

    def school(self) -> int:
        return 0 if self.rng.random() < 0.6 else self.rng.randrange(self.schools)

    def guardian(self) -> int:
        return self.rng.randrange(self.guardians)

    def campaign(self) -> int:
        """The latest ones are where something is going on."""
        return max(0, self.campaigns - 1 - int(self.rng.expovariate(1.2)))

    def channel(self) -> str:
        return str(self.mostly("email", "sms", often=0.75))


def draw_story(seed: int, number: int, length: int) -> Story:
    """The same seed and number give the same story on every machine."""
    rng = random.Random(f"{seed}/{number}")
    draw = Draw(rng, schools=rng.choice((1, 2, 2, 3)))
    acts = list(_opening(draw))
    names = sorted(name for name, kind in ACTS.items() if kind.weight)
    weights = [ACTS[name].weight for name in names]
    while len(acts) < length:
        acts += _drawn(draw, rng.choices(names, weights)[0])
        if rng.random() < 0.25:
            acts += _renewal(draw)
    return Story(tuple(acts))


def _drawn(draw: Draw, name: str, **fixed: Any) -> Iterator[Act]:
    args = ACTS[name].draw(draw) | fixed
    draw.campaigns += name == "propose"
    yield Act(name, args)


# What makes an offer possible; most openings are like this, so that much is sent before things go wrong.
_PERMISSION: Args = {"products": ["plus", "coach"], "channels": ["email", "sms"], "start": None, "hours": None}
_DECISION: Args = {"days": 0, "products": ["plus", "coach"], "recorder": "the director", "confirmed": "confirms"}
_OFFER: Args = {"channels": ["email"], "sender": "the mail sender", "text": "honest", "start": None, "days": 700}


def _usually(draw: Draw, usual: Args) -> Args:
    return usual if draw.rng.random() < 0.7 else {}


def _opening(draw: Draw) -> Iterator[Act]:
    """Both keys turned at most schools: without this bias hardly anything is ever sent, and nothing is proven."""
    for school in range(draw.schools):
        careful = draw.rng.random() < 0.25

        def happens(careful: bool = careful) -> bool:
            return draw.rng.random() > (0.35 if careful else 0.03)

        for guardian in range(draw.guardians):
            yield from _drawn(draw, "join", school=school)
            if draw.rng.random() < 0.05:
                yield from _drawn(draw, "say_yes", school=school, guardian=guardian)
        if happens():
            yield from _drawn(draw, "go_live", school=school)
        if happens():
            yield from _drawn(draw, "authorise", school=school, **_usually(draw, _PERMISSION))
        if happens():
            yield from _drawn(draw, "resolve", school=school, outcome="positive", **_usually(draw, _DECISION))
        for guardian in range(draw.guardians):
            if happens():
                yield from _yes(draw, school, guardian)
    for _ in range(draw.rng.choice((1, 1, 2))):
        yield from _drawn(draw, "propose", **_usually(draw, _OFFER))
        yield from _decided(draw)


def _decided(draw: Draw) -> Iterator[Act]:
    for school in range(draw.schools):
        if draw.rng.random() < 0.9:
            yield from _drawn(draw, "approve", school=school, campaign=draw.campaigns - 1)
            yield from _drawn(draw, "expand", school=school, campaign=draw.campaigns - 1)


def _yes(draw: Draw, school: int, guardian: int) -> Iterator[Act]:
    yield from _drawn(draw, "say_yes", school=school, guardian=guardian, channel="email")
    if draw.rng.random() < 0.5:
        yield from _drawn(draw, "say_yes", school=school, guardian=guardian, channel="sms")


# What may come between the moment an offer is queued and the moment it is claimed.
_TROUBLES = (
    *("say_no", "withdraw", "object_to_marketing", "change_address", "replace_contact", "reimport", "erase", "merge"),
    *("import_suppression", "revoke", "reject", "resolve", "suspend", "switch_on", "stop", "say_yes", "authorise"),
    *("approve", "wait", "new_year", "forge", "forge", "forge", "pretend", "join", "revoke_during_claim"),
)


def _renewal(draw: Draw) -> Iterator[Act]:
    """What people really do in one go; drawn act by act it would hardly ever happen."""
    school = draw.school()
    what = draw.one(*["trouble"] * 6, *["offer", "year", "permission"] * 2, "claims", "yeses", "objection", "later")
    if what in ("offer", "trouble"):
        yield from _drawn(draw, "propose", **_usually(draw, _OFFER))
        yield from _decided(draw)
    if what == "trouble":
        yield from _trouble(draw, school)
    elif what == "year":
        yield from _drawn(draw, "new_year")
        yield from _drawn(draw, "authorise", school=school, **_usually(draw, _PERMISSION))
        yield from _drawn(draw, "resolve", school=school, outcome="positive", **_usually(draw, _DECISION))
        if draw.rng.random() < 0.5:
            yield from _drawn(draw, "say_yes", school=school)
    elif what == "permission":
        yield from _drawn(draw, "authorise", school=school)
        yield from _drawn(draw, "resolve", school=school)
        yield from _drawn(draw, "go_live", school=school)
    elif what == "objection":
        yield from _drawn(draw, "object_to_marketing", school=draw.one(0, school))
        yield from _drawn(draw, "propose", **_usually(draw, _OFFER))
        yield from _decided(draw)
    elif what == "later":
        yield from _drawn(draw, "authorise", school=school, **_PERMISSION | {"start": 5})
        yield from _drawn(draw, "revoke", school=school)
        yield from _drawn(draw, "wait", minutes=371)
    elif what == "yeses":
        for guardian in range(draw.guardians):
            yield from _yes(draw, school, guardian)
    if draw.campaigns and draw.rng.random() < 0.8:
        yield from _drawn(draw, "expand", school=school)
    if draw.rng.random() < 0.6:
        yield from _drawn(draw, "claim")


def _trouble(draw: Draw, school: int) -> Iterator[Act]:
    """Something happens to an offer that waits; a decision that was never committed shows what it changed."""
    if draw.rng.random() < 0.6:
        yield from _drawn(draw, "rehearse")
    for _ in range(draw.one(1, 1, 2, 3)):
        name = draw.one(*_TROUBLES)
        about = {"school": school, "campaign": draw.campaigns - 1}
        fixed = {key: value for key, value in about.items() if key in ACTS[name].draw(draw)}
        yield from _drawn(draw, name, **fixed)
    if draw.rng.random() < 0.4:
        yield from _drawn(draw, draw.one("sweep", "rehearse"))
    yield from _drawn(draw, "claim", which="all")


def _shown(name: str, value: Any) -> str:
    match name, value:
        case "school" | "other", int():
            return f"School {SCHOOLS[value]}"
        case "schools", list():
            return " and ".join(f"School {SCHOOLS[one]}" for one in value)
        case "guardian" | "second", int():
            return f"guardian {value + 1}"
        case "campaign", int():
            return f"offer {value + 1}"
        case "start", _:
            return f"in {value} h" if value else "at once"
        case "hours", _:
            return f"for {value} h" if value else "for the year"
        case "channels", []:
            return "no address"
        case _, list():
            return ", ".join(map(str, value))
        case _:
            return "none" if value is None else str(value)
