"""The school's side of a random world.

Biased: a generator without a bias almost never allows anything and then proves nothing. Each fact is as an offer needs
it most of the time, and otherwise wrong in one of the ways that a rule looks at, often by a single microsecond.
"""

import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from opt_in.explanation.facts import Approval, Campaign, Instruction, Notice, Resolution, School, Sender
from opt_in.explanation.of_the_school import school_year
from proofs.worlds import SENDERS, Batch, text_of

T = TypeVar("T")

CHANNELS = ("email", "sms", "in_app", "push")
ZONES = ("Europe/Ljubljana", "Europe/Warsaw", "Europe/Kyiv", "Pacific/Kiritimati", "America/Anchorage")
PURPOSE, OTHER_PURPOSE = "vendor_offers", "vendor_news"
PRODUCTS = ("plus", "exam-coach", "bus", "photos")
MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)


@dataclass(slots=True)
class Dice:
    """The same seed throws the same worlds. `numbers` is the order in which things were written down."""

    random: random.Random
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def hits(self, chance: float) -> bool:
        return self.random.random() < chance

    def one(self, of: Sequence[T]) -> T:
        return self.random.choice(of)

    def mostly(self, good: T, others: Sequence[T], chance: float) -> T:
        return self.one(others) if self.hits(chance) else good

    def some(self, of: Sequence[T]) -> tuple[T, ...]:
        return tuple(self.random.sample(of, self.random.randint(1, len(of))))

    def around(self, now: datetime) -> datetime:
        return now + self.one([-1, 1]) * self.one([timedelta(0), MOMENT, DAY, 370 * DAY])


def make_school(dice: Dice) -> Batch:
    now = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=dice.random.randrange(2 * 365 * 86_400))
    if dice.hits(0.2):  # a school year ends or begins within hours
        now = datetime(dice.one([2027, 2028]), 9, 1, tzinfo=UTC) + timedelta(hours=dice.random.randint(-16, 14))
    stage = dice.mostly("live", ["onboarding", "suspended", "closing"], 0.07)
    names = (f"brzozowa{dice.random.randrange(10**6)}", "podlipa")
    made = Batch(now, School(dice.id(), stage, dice.one(ZONES), names), is_registered=not dice.hits(0.01))
    made.senders = {sender.sender_id: sender for sender in SENDERS}
    made.notices = [
        Notice(dice.id(), PURPOSE, None),
        Notice(dice.id(), PURPOSE, dice.around(now)),
        Notice(dice.id(), OTHER_PURPOSE, None),
    ]
    if dice.hits(0.02):
        made.kill_switches.add(("platform", ""))
    if dice.hits(0.1):
        made.kill_switches.add(("channel", dice.one(CHANNELS)))
    if made.is_registered:
        own = Sender(f"school:{made.school.school_id}", "school", made.school.school_id, False, False)
        made.senders[own.sender_id] = own
        made.instructions = _instructions(dice, now)
        made.resolutions = _resolutions(dice, now.astimezone(ZoneInfo(made.school.time_zone)).date(), now)
    for product in PRODUCTS:
        _campaign(dice, made, product)
    return made


def _instructions(dice: Dice, now: datetime) -> list[Instruction]:
    def made(purposes: tuple[str, ...], products: tuple[str, ...], channels: tuple[str, ...],
             begins: datetime, ends: datetime, revoked: float) -> Instruction:  # fmt: skip
        # few different moments, so that two are often of the same one
        made_at = now - dice.one([1, 2]) * DAY
        revoked_at = dice.mostly(None, [now - MOMENT, now], revoked)
        ends = max(ends, begins + MOMENT)
        return Instruction(dice.id(), purposes, products, channels, "guardians", begins, ends, made_at, revoked_at)

    found = [
        made((PURPOSE,), (product,), dice.mostly(CHANNELS, [("email",), ("sms", "push")], 0.1),
             dice.mostly(now - 9 * DAY, [now, now + MOMENT, now + 3 * DAY], 0.15),
             dice.mostly(now + 9 * DAY, [now, now + MOMENT], 0.07), revoked=0.06)
        for product in PRODUCTS if not dice.hits(0.1)
    ]  # fmt: skip
    for _ in range(dice.one([0, 0, 1, 2])):
        purposes, products, channels = dice.some([PURPOSE, OTHER_PURPOSE]), dice.some(PRODUCTS), dice.some(CHANNELS)
        found.append(made(purposes, products, channels, dice.around(now), dice.around(now), revoked=0.4))
    dice.random.shuffle(found)
    if dice.hits(0.12):  # only where none is alive does the law say why the last one is dead
        found = [
            replace(one, revoked_at=now - DAY)
            if dice.hits(0.5)
            else replace(one, valid_from=now - 2 * DAY, valid_to=now)
            for one in found
        ]
    return [] if dice.hits(0.04) else found


def _resolutions(dice: Dice, today: date, now: datetime) -> list[Resolution]:
    days = [today, today + DAY, today - DAY, today - 365 * DAY, date(today.year, 8, 31), date(today.year, 9, 1)]
    of_this_year = [day for day in days if day <= today and school_year(day) == school_year(today)]

    def made(
        outcome: str, day: date, purposes: tuple[str, ...], products: tuple[str, ...], is_confirmed: bool
    ) -> Resolution:
        return Resolution(
            dice.id(), next(dice.numbers), outcome, day, purposes, products, now if is_confirmed else None
        )

    found = []
    if not dice.hits(0.04):
        day = dice.mostly(dice.one(of_this_year), days, 0.12)
        found.append(made("positive", day, (PURPOSE,), PRODUCTS, not dice.hits(0.05)))
    for _ in range(dice.one([0, 0, 0, 1, 2])):
        if dice.hits(0.4):
            purposes = dice.one([(), (PURPOSE,), (OTHER_PURPOSE,)])
            found.append(
                made("negative", dice.one(days), purposes, dice.mostly((dice.one(PRODUCTS),), [()], 0.2), False)
            )
        else:
            scope = dice.some([PURPOSE, OTHER_PURPOSE]), dice.some(PRODUCTS)
            found.append(made("positive", dice.one(days), *scope, dice.hits(0.5)))
    return found


def _campaign(dice: Dice, made: Batch, product: str) -> None:
    campaign_id = dice.id()
    others = ["vendor-mail", "vendor-sms", "vendor-silent", "platform", "nobody", f"school:{made.school.school_id}"]
    campaign = Campaign(
        campaign_id,
        dice.mostly("vendor-full", others, 0.15),
        dice.mostly(PURPOSE, [OTHER_PURPOSE], 0.04),
        product,
        dice.mostly(CHANNELS, [("email", "sms"), ("push",)], 0.08),
        "guardians",
        hashlib.sha256(text_of(campaign_id)).digest(),
        dice.mostly("zgodaoffers", [f"zgoda{made.school.folded_names[0]} x", "ulicapodlipami"], 0.07),
        dice.mostly(None, [made.now], 0.03),
    )
    made.campaigns[campaign_id] = campaign
    if dice.hits(0.02):
        made.without_text.add(campaign_id)
    if dice.hits(0.03):
        made.kill_switches.add(("campaign", str(campaign_id)))
    good: tuple[str, bytes | None] = ("approved", campaign.content_sha256)
    bad: list[tuple[str, bytes | None]] = [("rejected", None), ("approved", hashlib.sha256(b"other").digest())]
    acts = [*dice.random.sample(bad, dice.one([0, 0, 1])), dice.mostly(good, bad, 0.1)]
    made.approvals[campaign_id] = [] if dice.hits(0.06) else [Approval(next(dice.numbers), *act) for act in acts]
