"""A story being lived: the gate, the history so far, what the outbox showed, what was mailed."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from opt_in.gate import witness
from opt_in.gate.errors import GateError
from proofs.properties.gates import Connection, Gate
from proofs.properties.history import History
from proofs.properties.records import TERMINAL, Campaign, Message, Person, School


class DoesNotHold(AssertionError):
    """An invariant does not hold. `invariant` is its number in consent-gate.md, or what else was promised."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant


class NothingThere(Exception):
    """The act speaks of somebody or something that this story does not have; it is passed over."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message that really left, with the token that its links carry."""

    envelope: UUID
    school: UUID
    campaign: UUID | None
    subject: UUID | None
    channel: str
    token: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a dispatcher decided that died before its commit, and how many acts had been done by then."""

    verdict: str
    code: str | None
    codes: tuple[str, ...]
    acts_before: int


@dataclass(slots=True)
class World:
    gate: Gate
    history: History
    dice: random.Random
    serial: int
    content: dict[UUID, bytes] = field(default_factory=dict)
    outbox: dict[UUID, Message] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    rehearsed: dict[UUID, Rehearsed] = field(default_factory=dict)
    natures: list[tuple[str, UUID | None]] = field(default_factory=list)
    nature: str = ""
    allowed: set[UUID] = field(default_factory=set)
    codes: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)

    # -- who is who

    def school(self, number: int) -> School:
        if number >= len(self.history.schools):
            raise NothingThere
        return self.history.schools[number]

    def guardian(self, school: School, number: int) -> Person:
        if number >= len(school.guardians):
            raise NothingThere
        return school.guardians[number]

    def known_guardian(self, school: School, number: int) -> Person:
        person = self.guardian(school, number)
        if not person.known:
            raise NothingThere
        return person

    def campaign(self, number: int) -> Campaign:
        if number >= len(self.history.campaigns):
            raise NothingThere
        return self.history.campaigns[number]

    def mail(self, number: int) -> Mail:
        offers = [mail for mail in self.mails if mail.campaign]
        if not offers:
            raise NothingThere
        return offers[number % len(offers)]

    # -- sessions and time

    def acting_for(self, school: School) -> Connection:
        return self.gate.acting_for(school.register.role)

    def login(self, name: str) -> Connection:
        return self.gate.session(name)

    def now(self) -> datetime:
        return self.gate.now()

    def wait(self, period: timedelta) -> None:
        self.gate.set_clock(self.gate.ahead + period)

    def new_id(self) -> UUID:
        """In the same order whenever the same story is lived, and never met before in this database."""
        return UUID(int=self.dice.getrandbits(112) << 16 | self.serial)

    # -- what must not happen

    def refused(self, invariant: str, what: str, attempt: Callable[[], object]) -> None:
        """It must be refused, in the gate's own words."""
        try:
            attempt()
        except GateError:
            self.figures["refusals"] += 1
            return
        raise DoesNotHold(invariant, f"{what} was not refused")

    @contextmanager
    def reading(self, connection: Connection) -> Iterator[Connection]:
        """I16: reading changes nothing; PostgreSQL itself refuses a write here."""
        with connection.transaction():
            connection.execute("SET TRANSACTION READ ONLY")
            yield connection

    def note_code(self, code: str | None) -> None:
        if code is not None:
            self.codes[code] += 1

    def require(self, holds: bool, invariant: str, what: str) -> None:
        if not holds:
            raise DoesNotHold(invariant, what)

    # -- what can be seen

    def observe(self) -> list[Message]:
        """Look at the outbox as it is stored. Returns what is new, and finds ends that did not stay ends (I7)."""
        rows = self.gate.superuser.execute(
            "SELECT envelope_id, school_id, kind, class, origin, channel, subject_id, contact_id, campaign_id, "
            "sender_id, state, code, instruction_id FROM consent.envelope "
            "WHERE school_id = ANY (%s) ORDER BY envelope_id",
            [[school.id for school in self.history.schools]],
        ).fetchall()
        new = []
        for row in rows:
            message = Message(*row)
            before = self.outbox.get(message.id)
            if before is None:
                new.append(message)
                self._look_at_new(message)
            elif before.state in TERMINAL:
                self.require(
                    (before.state, before.code) == (message.state, message.code),
                    "I7",
                    f"a message that was {before.state} ({before.code}) became {message.state} ({message.code})",
                )
            elif message.campaign is not None:
                self.require(
                    not (before.state == "claimed" and message.state == "queued"),
                    "I7",
                    "a claimed offer was queued again",
                )
            self.outbox[message.id] = message
        self.require(len(rows) == len(self.outbox), "I7", "a message vanished from the outbox")
        return new

    def _look_at_new(self, message: Message) -> None:
        if message.id in self.history.forged:
            return
        if message.campaign is None:
            self.require(
                (message.kind == "school.message") == (message.origin == "school"),
                "I5",
                f"{message.kind} has origin {message.origin}",
            )
            return
        campaign = self.history.campaign(message.campaign)
        self.require(
            (message.origin, message.message_class, message.sender) == ("vendor", "vendor_marketing", campaign.sender),
            "I5",
            f"an offer was queued as {message.message_class} of origin {message.origin} from {message.sender}",
        )
        same = (message.campaign, message.school, message.subject, message.channel)
        twins = [
            one
            for one in self.outbox.values()
            if (one.campaign, one.school, one.subject, one.channel) == same
            and one.id not in self.history.forged
            and one.state not in ("denied", "suppressed", "cancelled", "expired")
        ]
        self.require(not twins, "I7", "the same offer to the same guardian was queued twice")

    def is_offer(self, envelope: str) -> bool:
        return self.outbox[UUID(envelope)].campaign is not None

    def waiting(self) -> list[Message]:
        return [message for message in self.outbox.values() if message.state == "queued"]


def new_world(gate: Gate, schools: int, story: str) -> World:
    """Schools as the provisioner leaves them, each with a director and a chair who have verified mail addresses."""
    from proofs.properties.people import appoint  # the acts of people need a world first

    gate.set_clock(timedelta(0))
    world = World(gate, History([]), random.Random(story), gate.used)
    for register in gate.schools(schools):
        appoint(world, register)
        there = world.history.schools[-1]
        there.vendor_leaves_before = len(
            witness.read_ledger(school_id=there.id, stream="vendor", connection=gate.session("ledger_witness"))
        )
    world.observe()
    return world
