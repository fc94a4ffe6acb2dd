"""What a decision looks at, as the gate's tables hold it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

REACHED = frozenset({"claimed", "sent", "unknown"})
REACHED_OR_ENDED = REACHED | {"failed", "bounced"}


@dataclass(frozen=True, slots=True)
class School:
    school_id: UUID
    stage: str
    time_zone: str
    folded_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    kind: str
    message_class: str
    origin: str


@dataclass(frozen=True, slots=True)
class Sender:
    sender_id: str
    origin: str
    school_id: UUID | None
    has_one_click: bool
    has_stop_word: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    """With its text: a campaign without one counts as missing. `surface` is where a reader looks for who writes."""

    campaign_id: UUID
    sender_id: str
    purpose: str
    product: str
    channels: tuple[str, ...]
    audience: str
    content_sha256: bytes
    surface: str
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Instruction:
    instruction_id: UUID
    purposes: tuple[str, ...]
    products: tuple[str, ...]
    channels: tuple[str, ...]
    audience: str
    valid_from: datetime
    valid_to: datetime
    made_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """`number` is the order in which they were recorded."""

    resolution_id: UUID
    number: int
    outcome: str
    decided_on: date
    purposes: tuple[str, ...]
    products: tuple[str, ...]
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Approval:
    number: int
    outcome: str
    content_sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Subject:
    roles: frozenset[str]
    is_adult: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class Contact:
    contact_id: UUID
    subject_id: UUID
    channel: str
    version: int
    address_hash: bytes
    verified_at: datetime | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    number: int
    subject_id: UUID
    purpose: str
    channel: str
    act: str
    actor: UUID
    capture: str
    contact_id: UUID | None
    contact_version: int | None
    notice_id: UUID | None
    instruction_id: UUID | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    notice_id: UUID
    purpose: str
    superseded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """By address or by person; an objection to an address counts at every school."""

    school_id: UUID
    reason: str
    subject_id: UUID | None
    channel: str | None
    address_hash: bytes | None

    def hits(self, w: "World") -> bool:
        here = self.school_id == w.message.school_id
        if self.address_hash is not None:
            at_this_address = w.address is not None and self.address_hash == w.address.address_hash
            return at_this_address and (self.reason == "objection" or (here and self.channel == w.message.channel))
        return here and self.subject_id == w.message.subject_id and self.channel in (None, w.message.channel)


@dataclass(frozen=True, slots=True)
class Message:
    envelope_id: UUID
    school_id: UUID
    kind: str
    message_class: str
    origin: str
    channel: str
    subject_id: UUID | None
    contact_id: UUID | None
    campaign_id: UUID | None
    sender_id: str
    content_sha256: bytes
    dedupe_key: str | None
    not_before: datetime | None
    expires_at: datetime | None
    state: str = "queued"

    @property
    def reader(self) -> tuple[UUID, UUID | None, UUID | None, str]:
        return self.school_id, self.campaign_id, self.subject_id, self.channel

    @property
    def twin(self) -> tuple[UUID, str, str | None]:
        return self.school_id, self.kind, self.dedupe_key


@dataclass(frozen=True, slots=True)
class World:
    """One message and all that the gate knows about it; what is not there is None or empty.

    `sender` is the message's, `campaign_sender` the campaign's; `earlier` are other messages of the school.
    """

    message: Message
    school: School | None
    kind: Kind | None
    sender: Sender | None
    campaign: Campaign | None
    campaign_sender: Sender | None
    subject: Subject | None
    contact: Contact | None
    instructions: tuple[Instruction, ...]
    resolutions: tuple[Resolution, ...]
    approvals: tuple[Approval, ...]
    events: tuple[ConsentEvent, ...]
    notices: tuple[Notice, ...]
    suppressions: tuple[Suppression, ...]
    kill_switches: frozenset[tuple[str, str]]
    earlier: tuple[Message, ...]

    @property
    def is_offer(self) -> bool:
        """Whatever carries a campaign is one, however it is labelled."""
        return self.message.message_class == "vendor_marketing" or self.message.campaign_id is not None

    @property
    def is_schools(self) -> bool:
        return self.message.message_class in ("school_service", "school_info")

    @property
    def address(self) -> Contact | None:
        """The contact that the message names, if it is this reader's, for this channel and in use."""
        found = self.contact
        if found is None or not found.is_active:
            return None
        named = (self.message.contact_id, self.message.subject_id, self.message.channel)
        return found if (found.contact_id, found.subject_id, found.channel) == named else None

    def notice_of(self, event: ConsentEvent) -> Notice | None:
        return next((notice for notice in self.notices if notice.notice_id == event.notice_id), None)
