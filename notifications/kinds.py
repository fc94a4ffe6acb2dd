"""The kinds of message this release can send. A kind fixes class and origin; the gate keeps the same list."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import UnionType
from typing import Any, Literal, Self, get_origin

MessageClass = Literal[
    "security", "school_service", "school_info", "platform_service", "vendor_contract", "vendor_marketing"
]
Origin = Literal["school", "vendor", "platform"]


class UnusableParameters(Exception):
    """The parameters do not fit the kind: a mistake in the program that queued the message, never in the reader."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the templates of one kind may use; anything more or less is a mistake."""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        wanted = {field.name: field.type for field in fields(cls)}
        if set(given) != set(wanted):
            missing, surplus = sorted(set(wanted) - set(given)), sorted(set(given) - set(wanted))
            raise UnusableParameters(f"{cls.__name__}: missing {missing}, not expected {surplus}")
        for name, kind in wanted.items():
            plain = kind if isinstance(kind, UnionType) else get_origin(kind) or kind
            if not isinstance(plain, type | UnionType) or not isinstance(given[name], plain):
                raise UnusableParameters(f"{cls.__name__}: {name} is not {kind}")
        return cls(**given)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ContactCode(Parameters):
    code: str
    minutes: int


@dataclass(frozen=True, slots=True)
class SchoolMessage(Parameters):
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class CampaignProposed(Parameters):
    campaign_id: str
    product: str
    channels: list[str]
    verdict: str
    code: str | None


@dataclass(frozen=True, slots=True)
class LedgerCheckpoint(Parameters):
    checkpoints: list[Any]


@dataclass(frozen=True, slots=True)
class VendorCampaign(Parameters):
    """Takes nothing: its text is the campaign's, exactly as the director approved it."""


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    message_class: MessageClass
    origin: Origin
    parameters: type[Parameters]
    # Whether there is a short form of it for a phone.
    goes_by_sms: bool = False

    @property
    def templates(self) -> str:
        return f"notifications/{self.name.replace('.', '_')}"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("contact.code", "security", "platform", ContactCode, goes_by_sms=True),
        Kind("school.message", "school_service", "school", SchoolMessage, goes_by_sms=True),
        Kind("campaign.proposed", "platform_service", "platform", CampaignProposed),
        Kind("ledger.checkpoint", "platform_service", "platform", LedgerCheckpoint),
        Kind("vendor.campaign", "vendor_marketing", "vendor", VendorCampaign, goes_by_sms=True),
    )
}


def read_parameters(kind: Kind, raw: bytes) -> Parameters:
    """Parameters as they left the outbox: one JSON object."""
    try:
        given = json.loads(raw or b"{}")
    except ValueError as error:
        raise UnusableParameters(f"{kind.name}: not JSON") from error
    if not isinstance(given, dict):
        raise UnusableParameters(f"{kind.name}: not an object")
    return kind.parameters.read(given)
