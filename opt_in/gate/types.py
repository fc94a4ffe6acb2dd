"""What the gate hands out: rows of its functions, fields in the order of the columns."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from opt_in.gate.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Revocation:
    """When it took effect, and how many messages the dispatcher already had in hand by then."""

    effective_at: datetime
    handed_over: int


@dataclass(frozen=True, slots=True)
class Expansion:
    """The school's verdict as a whole; envelopes exist only after ALLOW."""

    verdict: str
    code: str | None
    queued: int
    suppressed: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """One attempt of the vendor at this school, with today's verdict over the school as a whole."""

    campaign_id: UUID
    sender_id: str
    sender_name: str | None
    purpose: str
    product: str
    channels: tuple[str, ...]
    audience: str
    not_before: datetime | None
    expires_at: datetime
    proposed_at: datetime
    stopped_at: datetime | None
    content_sha256: bytes
    verdict: str
    code: str | None
    codes: tuple[str, ...]
    judged_at: datetime
    first_verdict: str
    first_code: str | None
    expanded_at: datetime | None
    queued: int
    suppressed: int
    approval: str | None
    approved_sha256: bytes | None
    approval_reason: str | None


@dataclass(frozen=True)
class Content:
    """A campaign's sender and texts as RFC 8785 bytes; the director approves their SHA-256."""

    canonical: bytes
    content_sha256: bytes

    @cached_property
    def parsed(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.canonical)
        return parsed


@dataclass(frozen=True, slots=True)
class Instruction:
    instruction_id: UUID
    actor: UUID
    purposes: tuple[str, ...]
    products: tuple[str, ...]
    channels: tuple[str, ...]
    audience: str
    valid_from: datetime
    valid_to: datetime
    made_at: datetime
    revoked_at: datetime | None
    revoked_by: UUID | None
    revoke_reason: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    resolution_id: UUID
    outcome: str
    decided_on: date
    votes_for: int
    votes_against: int
    votes_abstained: int
    purposes: tuple[str, ...]
    products: tuple[str, ...]
    minutes_sha256: bytes | None
    recorded_by: UUID
    recorded_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    event_id: UUID
    purpose: str
    channel: str
    act: str
    actor: UUID
    capture: str
    contact_id: UUID | None
    contact_version: int | None
    notice_id: UUID | None
    instruction_id: UUID | None
    made_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    notice_id: UUID
    purpose: str
    language: str
    version: int
    body: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    envelope_id: UUID
    kind: str
    message_class: str
    origin: str
    channel: str
    language: str
    subject_id: UUID | None
    campaign_id: UUID | None
    state: str
    code: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf; `body` is the canonical text that was hashed."""

    stream: str
    seq: int
    body: str
    hash: bytes
    chain: bytes

    def export_line(self) -> str:
        """A line of the export, RFC 8785, without the line break."""
        return canonical_json(
            {
                "stream": self.stream,
                "seq": self.seq,
                "leaf": json.loads(self.body),
                "hash": self.hash.hex(),
                "chain": self.chain.hex(),
            }
        )


@dataclass(frozen=True, slots=True)
class Head:
    """How long a stream is now, and the chain value of its last leaf (32 zero bytes while it is empty)."""

    stream: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    stream: str
    size: int
    root: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    state: str
    code: str | None
    messages: int


@dataclass(frozen=True, slots=True)
class Request:
    """What became of a proposal in the inbox. `reason` says why a malformed one was refused."""

    campaign_id: UUID
    body: dict[str, Any]
    made_at: datetime
    handled_at: datetime | None
    outcome: str | None
    reason: str | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """`scope`: platform (key empty), channel, campaign, or stop: a campaign whose stop for good waits for the keeper.

    `asked_on` is the newest request that still waits; null when none does.
    """

    scope: str
    key: str
    is_on: bool
    changed_at: datetime | None
    asked_on: bool | None
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SchoolVerdict:
    school_id: UUID
    verdict: str
    code: str | None
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """`messages` is rounded to tens."""

    school_id: UUID
    state: str
    code: str | None
    messages: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    envelope_id: UUID
    school_id: UUID
    message_class: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`seq` and `leaf_sha256` are null for a HOLD: it is looked at again later and is no decision yet."""

    envelope_id: UUID
    school_id: UUID
    verdict: str
    code: str | None
    codes: tuple[str, ...]
    decided_at: datetime
    policy: int
    seq: int | None
    leaf_sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What the dispatcher gets of one claimed message, once. `address` is sealed; `params` when `params_sealed`."""

    envelope_id: UUID
    kind: str
    message_class: str
    origin: str
    channel: str
    language: str
    school_id: UUID
    school_names: dict[str, str]
    country: str
    time_zone: str
    sender_id: str
    sender_name: str
    sender_address: str
    subject_id: UUID | None
    params: bytes | None
    params_sealed: bool
    contact_id: UUID
    address: bytes
    campaign_id: UUID | None
    content_sha256: bytes
    token: str
    allowed_on: date | None
    decided_at: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A reply or a delivery report, sealed for the dispatcher."""

    event_id: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Sweep:
    cancelled: int
    expired: int
    leases: int
    chained: int
