"""Random worlds for the differential proof: one school with its people, campaigns and messages at one moment."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from opt_in.explanation.facts import (
    Approval,
    Campaign,
    ConsentEvent,
    Contact,
    Instruction,
    Kind,
    Message,
    Notice,
    Resolution,
    School,
    Sender,
    Subject,
    Suppression,
    World,
)

KINDS = (
    Kind("contact.code", "security", "platform"),
    Kind("school.message", "school_service", "school"),
    Kind("campaign.proposed", "platform_service", "platform"),
    Kind("vendor.campaign", "vendor_marketing", "vendor"),
    # not registered by this release; the proof registers them so that their rules are reached
    Kind("school.news", "school_info", "school"),
    Kind("vendor.receipt", "vendor_contract", "vendor"),
)
KIND = {kind.kind: kind for kind in KINDS}
OTHER_SCHOOL = UUID(int=2)
SENDERS = (
    Sender("platform", "platform", None, False, False),
    Sender("vendor-full", "vendor", None, True, True),
    Sender("vendor-mail", "vendor", None, True, False),
    Sender("vendor-sms", "vendor", None, False, True),
    Sender("vendor-silent", "vendor", None, False, False),
    Sender("school:other", "school", OTHER_SCHOOL, False, False),
)


def text_of(campaign_id: UUID) -> bytes:
    """The campaign's content; the rules know nothing of it but its hash."""
    return b"text of " + campaign_id.bytes


@dataclass
class Batch:
    """Everything about one school, and the messages that are decided together at `now`."""

    now: datetime
    school: School
    is_registered: bool = True
    kill_switches: set[tuple[str, str]] = field(default_factory=set)
    senders: dict[str, Sender] = field(default_factory=dict)
    campaigns: dict[UUID, Campaign] = field(default_factory=dict)
    without_text: set[UUID] = field(default_factory=set)
    approvals: dict[UUID, list[Approval]] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    resolutions: list[Resolution] = field(default_factory=list)
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    events: dict[UUID, list[ConsentEvent]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def worlds(self) -> list[World]:
        """One for each waiting message, without the other messages and people that have nothing to do with it."""
        same: dict[object, list[Message]] = {}
        for message in self.messages:
            if message.state != "queued":
                for key in _keys(message):
                    same.setdefault(key, []).append(message)
        return [self._world(message, same) for message in self.messages if message.state == "queued"]

    def _world(self, message: Message, same: dict[object, list[Message]]) -> World:
        campaign = self.campaigns.get(message.campaign_id) if message.campaign_id else None
        if campaign is not None and campaign.campaign_id in self.without_text:
            campaign = None
        return World(
            message=message,
            school=self.school if self.is_registered else None,
            kind=KIND.get(message.kind),
            sender=self.senders.get(message.sender_id),
            campaign=campaign,
            campaign_sender=self.senders.get(campaign.sender_id) if campaign else None,
            subject=self.subjects.get(message.subject_id) if message.subject_id else None,
            contact=self.contacts.get(message.contact_id) if message.contact_id else None,
            instructions=tuple(self.instructions),
            resolutions=tuple(self.resolutions),
            approvals=tuple(self.approvals.get(message.campaign_id, ())) if message.campaign_id else (),
            events=tuple(self.events.get(message.subject_id, ())) if message.subject_id else (),
            notices=tuple(self.notices),
            suppressions=tuple(self.suppressions),
            kill_switches=frozenset(self.kill_switches),
            earlier=tuple(other for key in _keys(message) for other in same.get(key, ())),
        )


def _keys(message: Message) -> list[object]:
    """By which another message can be the same one."""
    keys: list[object] = [message.reader] if message.campaign_id else []
    return [*keys, message.twin] if message.dedupe_key else keys
