"""What an act leaves behind in the machine's own memory: people, addresses, decisions, words, messages."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from proofs.properties.gates import NO_EXIT, NOTICE, Registered

PURPOSE = "vendor_offers"
OWN_CAPTURES = frozenset({"portal", "api", "mail_link", "sms_reply"})
VENDOR_SENDERS = {"zgoda-offers": "email", "zgoda-offers-sms": "sms", NO_EXIT: ""}
TERMINAL = frozenset({"sent", "failed", "bounced", "unknown", "denied", "suppressed", "cancelled", "expired"})


@dataclass(slots=True)
class Contact:
    id: UUID
    channel: str
    address: str
    version: int = 1
    verified: bool = True
    active: bool = True

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.address.encode()).digest()


@dataclass(slots=True)
class Person:
    id: UUID
    roles: list[str]
    contacts: list[Contact] = field(default_factory=list)
    adult: bool = True
    active: bool = True
    known: bool = True

    def may_get_offers(self) -> bool:
        return self.active and self.adult and "guardian" in self.roles and "pupil" not in self.roles

    def contact(self, channel: str) -> Contact | None:
        """The one the person uses now."""
        return next((one for one in self.contacts if one.channel == channel and one.active), None)


@dataclass(slots=True)
class Instruction:
    id: UUID
    products: list[str]
    channels: list[str]
    start: datetime
    end: datetime
    revoked: bool = False


@dataclass(slots=True)
class Resolution:
    id: UUID
    positive: bool
    decided_on: date
    products: list[str]
    recorder: UUID
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A guardian's yes or no, or what somebody else entered as one."""

    subject: UUID
    channel: str
    act: str
    own: bool
    contact: UUID | None
    version: int | None
    notice: UUID | None
    asked_with_leave: bool
    end: datetime | None

    def is_grant_at(self, at: datetime) -> bool:
        standing = self.end is not None and at < self.end
        return self.act == "give" and self.own and self.notice == NOTICE and self.asked_with_leave and standing

    def names(self, contact: Contact) -> bool:
        """Only a yes names an address."""
        return self.act != "give" or (self.contact, self.version) == (contact.id, contact.version)


@dataclass(frozen=True, slots=True)
class Suppression:
    school: UUID
    reason: str
    subject: UUID | None
    channel: str | None
    address: bytes | None


@dataclass(slots=True)
class Campaign:
    id: UUID
    product: str
    channels: list[str]
    sender: str
    imitates: set[str]
    not_before: datetime | None
    end: datetime
    targets: list[UUID]
    stopped: bool = False


@dataclass(slots=True)
class School:
    """One school's past, and its people."""

    register: Registered
    director: Person
    chair: Person
    guardians: list[Person] = field(default_factory=list)
    stage: str = "onboarding"
    instructions: list[Instruction] = field(default_factory=list)
    resolutions: list[Resolution] = field(default_factory=list)
    approvals: list[tuple[UUID, str, bytes | None]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    authority: list[str] = field(default_factory=lambda: ["register"])
    decided: list[tuple[UUID, str, str | None]] = field(default_factory=list)
    expansions: int = 0
    vendor_leaves_before: int = 0  # switches of earlier stories, which every school's ledger tells
    closed: list[UUID] = field(default_factory=list)
    checkpoints: list[tuple[str, int, str]] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        return self.register.id

    def person(self, subject: UUID | None) -> Person | None:
        everybody = [self.director, self.chair, *self.guardians]
        return next((one for one in everybody if one.id == subject and one.known), None)

    def contact(self, subject: UUID | None, contact: UUID | None) -> Contact | None:
        """By its id, in use or not."""
        person = self.person(subject)
        return next((one for one in person.contacts if one.id == contact), None) if person else None

    def last_word(self, subject: UUID | None, channel: str) -> Word | None:
        return next((w for w in reversed(self.words) if (w.subject, w.channel) == (subject, channel)), None)

    def may_ask(self, channel: str, at: datetime) -> bool:
        return any(not i.revoked and i.start <= at < i.end and channel in i.channels for i in self.instructions)

    def year_end(self, at: datetime) -> datetime:
        """The first moment of 1 September, in the school's zone."""
        zone = ZoneInfo(self.register.zone)
        local = at.astimezone(zone)
        return datetime(local.year + (local.month >= 9), 9, 1, tzinfo=zone).astimezone(UTC)


@dataclass(slots=True)
class Message:
    """An envelope as it was found in the outbox; a forged one says which rule its forger broke."""

    id: UUID
    school: UUID
    kind: str
    message_class: str
    origin: str
    channel: str
    subject: UUID | None
    contact: UUID | None
    campaign: UUID | None
    sender: str
    state: str
    code: str | None
    instruction: UUID | None
