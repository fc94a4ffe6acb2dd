"""What happened, as the acts themselves recorded it, and what the law says about a message in the light of it.

Nothing here asks the gate. A rule is broken or not because of what somebody did and when; the invariants compare that
with what the gate decided and with what was mailed.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from proofs.properties.records import VENDOR_SENDERS, Campaign, Contact, Message, Person, School, Suppression

Weight = Literal["DENY", "HOLD"]
Broken = dict[int, Weight]


@dataclass(slots=True)
class History:
    schools: list[School]
    campaigns: list[Campaign] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    switches: set[tuple[str, str]] = field(default_factory=set)
    switched: list[tuple[str, str]] = field(default_factory=list)
    handed: set[tuple[UUID, UUID | None, str]] = field(default_factory=set)
    forged: dict[UUID, int] = field(default_factory=dict)

    def school(self, identity: UUID) -> School:
        return next(one for one in self.schools if one.id == identity)

    def campaign(self, identity: UUID) -> Campaign:
        return next(one for one in self.campaigns if one.id == identity)

    def broken_rules(self, message: Message, at: datetime, content: dict[UUID, bytes]) -> Broken:
        """The numbered rules (consent-gate.md) that this message would break if it went out at this moment."""
        school = self.school(message.school)
        if message.campaign is None:
            return self._of_school_or_platform(school, message)
        campaign = self.campaign(message.campaign)
        broken = self.broken_by_school(school, campaign, message.channel, at, content)
        broken |= self._by_recipient(school, message, at)
        if (campaign.id, message.subject, message.channel) in self.handed:
            broken[15] = "DENY"
        if campaign.end <= at:
            broken[16] = "DENY"
        elif campaign.not_before is not None and campaign.not_before > at:
            broken[16] = "HOLD"
        return broken

    def broken_by_school(
        self, school: School, campaign: Campaign, channel: str, at: datetime, content: dict[UUID, bytes]
    ) -> Broken:
        """Rules 3 to 9 and 14: what does not depend on the recipient."""
        broken: Broken = {}
        if campaign.sender not in VENDOR_SENDERS or school.register.name in campaign.imitates:
            broken[3] = "DENY"
        if campaign.stopped or self.switches & {("platform", ""), ("channel", channel), ("campaign", str(campaign.id))}:
            broken[4] = "DENY"
        if school.stage != "live":
            broken[5] = "DENY"
        for rule, weight in ((7, _instructed(school, campaign, channel, at)), (8, _resolved(school, campaign, at))):
            if weight:
                broken[rule] = weight
        said = [one for one in school.approvals if one[0] == campaign.id]
        if not said:
            broken[9] = "HOLD"
        elif said[-1][1] == "rejected" or said[-1][2] != content[campaign.id]:
            broken[9] = "DENY"
        return broken

    def _by_recipient(self, school: School, message: Message, at: datetime) -> Broken:
        broken: Broken = {}
        person = school.person(message.subject)
        if person is None or not person.may_get_offers():
            broken[10] = "DENY"
        contact = _addressed(person, message)
        if self.suppressed(school, message, contact, {"objection", "complaint", "stop", "bounce"}):
            broken[11] = "DENY"
        word = school.last_word(message.subject, message.channel)
        if word is None or not word.is_grant_at(at):
            broken[12] = "DENY"
        if contact is None or not contact.verified or (word is not None and not word.names(contact)):
            broken[13] = "DENY"
        if VENDOR_SENDERS.get(self.campaign_of(message).sender) != message.channel:
            broken[14] = "DENY"
        return broken

    def campaign_of(self, message: Message) -> Campaign:
        assert message.campaign is not None
        return self.campaign(message.campaign)

    def suppressed(self, school: School, message: Message, contact: Contact | None, reasons: set[str]) -> bool:
        for one in self.suppressions:
            here = one.school == school.id
            by_subject = one.subject is not None and here and one.subject == message.subject
            by_address = one.address is not None and contact is not None and one.address == contact.hash
            where = one.reason == "objection" or (here and one.channel == message.channel)
            if one.reason in reasons and (by_subject or (by_address and where)):
                return True
        return False

    def _of_school_or_platform(self, school: School, message: Message) -> Broken:
        broken: Broken = {}
        person = school.person(message.subject)
        contact = _addressed(person, message)
        if message.message_class in ("security", "platform_service") and contact is None:
            broken[0] = "DENY"
        if self.suppressed(school, message, contact, {"bounce"}):
            broken[11] = "DENY"
        if message.message_class == "school_service":
            if self.switches & {("platform", ""), ("channel", message.channel)}:
                broken[4] = "DENY"
            if school.stage != "live" and not (person and {"director", "staff"} & set(person.roles)):
                broken[5] = "DENY"
            if person is None or not person.active:
                broken[10] = "DENY"
            if contact is None or not contact.verified:
                broken[13] = "DENY"
        return broken


def verdict_for(broken: Broken) -> str:
    return "DENY" if "DENY" in broken.values() else "HOLD" if broken else "ALLOW"


def _addressed(person: Person | None, message: Message) -> Contact | None:
    if person is None:
        return None
    return next(
        (c for c in person.contacts if c.id == message.contact and c.channel == message.channel and c.active), None
    )


def _instructed(school: School, campaign: Campaign, channel: str, at: datetime) -> Weight | None:
    covering = [
        one
        for one in school.instructions
        if not one.revoked and one.end > at and campaign.product in one.products and channel in one.channels
    ]
    if any(one.start <= at for one in covering):
        return None
    return "HOLD" if covering else "DENY"


def _resolved(school: School, campaign: Campaign, at: datetime) -> Weight | None:
    """The latest by the day it was decided; a positive one counts when the chair has confirmed it."""
    counting = [
        one for one in school.resolutions if not one.positive or (one.confirmed and campaign.product in one.products)
    ]
    if not counting:
        return "DENY"
    latest = max(enumerate(counting), key=lambda item: (item[1].decided_on, item[0]))[1]
    today = at.astimezone(ZoneInfo(school.register.zone)).date()
    if not latest.positive or _school_year(latest.decided_on) < _school_year(today):
        return "DENY"
    return "HOLD" if latest.decided_on > today else None


def _school_year(day: date) -> int:
    return day.year - (day.month < 9)
