"""What one guardian said about the vendor's offers, and what it comes to today. The gate decides, at the claim."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from opt_in.explanation.of_the_reader import OWN_CAPTURES
from opt_in.gate import school as gate
from opt_in.gate.school_overview import Suppression
from opt_in.gate.types import ConsentEvent, Notice
from opt_in.purposes import VENDOR_OFFERS
from opt_in.selectors.authorisations import Standing, authorisations
from tenants.people.models import Channel, User
from tenants.people.selectors.contacts import OwnContact, own_contacts

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class ConsentState(StrEnum):
    ON = "on"
    NEVER_ASKED = "never_asked"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    # A yes that no longer counts, and why.
    EXPIRED = "expired"
    OTHER_ADDRESS = "other_address"
    OTHER_TEXT = "other_text"
    NOT_AUTHORISED_THEN = "not_authorised_then"
    NOT_OWN = "not_own"
    # Whatever was said: nothing goes to this address any more.
    OBJECTED = "objection"
    COMPLAINED = "complaint"
    STOPPED = "stop"
    BOUNCED = "bounce"


CLOSED = (ConsentState.OBJECTED, ConsentState.COMPLAINED, ConsentState.STOPPED, ConsentState.BOUNCED)


CHANNELS: dict[str, "StrPromise"] = {
    Channel.EMAIL: _("Offers by e-mail"),
    Channel.SMS: _("Offers by text message"),
}
ACTS: dict[str, "StrPromise"] = {
    "give": _("You said yes"),
    "refuse": _("You said no"),
    "withdraw": _("You took your yes back"),
}
WAYS: dict[str, "StrPromise"] = {
    "portal": _("here, in the e-diary"),
    "api": _("through a program of yours"),
    "mail_link": _("by the link in a message"),
    "one_click": _("by the link in a message"),
    "sms_reply": _("by answering a text message"),
}


@dataclass(frozen=True, slots=True)
class ChannelConsent:
    """One switch: the latest word on a channel, the address it would reach, and whether the vendor may ask."""

    channel: Channel
    latest: ConsentEvent | None
    state: ConsentState
    own: OwnContact | None
    may_ask: bool

    @property
    def is_on(self) -> bool:
        return self.state is ConsentState.ON

    @property
    def name(self) -> str:
        return str(CHANNELS[self.channel])

    @property
    def until(self) -> datetime | None:
        return _last_moment(self.latest) if self.latest else None

    @property
    def can_be_given(self) -> bool:
        """A yes would count: the school has authorised the question, and a verified address is there and not closed."""
        return self.may_ask and self.own is not None and self.own.is_verified and self.state not in CLOSED


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the history. `notice` is None when the text is no longer in force."""

    event: ConsentEvent
    notice: Notice | None
    by_self: bool

    @property
    def until(self) -> datetime | None:
        return _last_moment(self.event)

    @property
    def act(self) -> str:
        return str(ACTS[self.event.act])

    @property
    def channel(self) -> str:
        return str(CHANNELS.get(self.event.channel, self.event.channel))

    @property
    def way(self) -> str:
        """How it reached us; what somebody else entered does not count, and says so."""
        if not self.by_self:
            return str(_("entered by somebody else; it does not count"))
        return str(WAYS.get(self.event.capture, self.event.capture))


@dataclass(frozen=True, slots=True)
class Consents:
    """Everything of one guardian about the vendor's offers. `events` are newest first."""

    guardian: User
    channels: tuple[ChannelConsent, ...]
    events: tuple[ConsentEvent, ...]
    notices: tuple[Notice, ...]
    objected_at: datetime | None

    @property
    def has_objected(self) -> bool:
        return self.objected_at is not None

    @property
    def is_authorised(self) -> bool:
        """Whether the school has a live instruction that lets the vendor ask at all."""
        return any(channel.may_ask for channel in self.channels)

    @property
    def askable(self) -> tuple[ChannelConsent, ...]:
        return tuple(channel for channel in self.channels if channel.can_be_given)

    @property
    def is_question_open(self) -> bool:
        """There is something to say yes to, no yes is in force, and nobody said no: a no is never asked again."""
        said = {ConsentState.NEVER_ASKED, ConsentState.EXPIRED}
        return bool(self.askable) and not self.has_objected and all(channel.state in said for channel in self.channels)

    @property
    def history(self) -> list[Said]:
        return [Said(event, self.notice(event.notice_id), event.actor == self.guardian.id) for event in self.events]

    def of(self, channel: str) -> ChannelConsent | None:
        return next((consent for consent in self.channels if consent.channel == channel), None)

    def event(self, event_id: UUID) -> ConsentEvent | None:
        return next((event for event in self.events if event.event_id == event_id), None)

    def notice_in(self, language: str) -> Notice:
        """The text in force, in the reader's language."""
        texts = {notice.language: notice for notice in reversed(self.notices)}
        return texts.get(language) or texts["en"]

    def notice(self, notice_id: UUID | None) -> Notice | None:
        return next((notice for notice in self.notices if notice.notice_id == notice_id), None)


def consents_for(guardian: User) -> Consents:
    """In five queries."""
    now = timezone.now()
    events = [event for event in gate.consents_of(guardian.id) if event.purpose == VENDOR_OFFERS]
    notices = tuple(notice for notice in gate.notices() if notice.purpose == VENDOR_OFFERS)
    open_channels = channels_to_ask_through(now=now)
    contacts = own_contacts(guardian)
    closed = gate.suppressions_of(guardian.id)
    latest = {event.channel: event for event in events}
    known: set[UUID | None] = {notice.notice_id for notice in notices}
    return Consents(
        guardian=guardian,
        channels=tuple(
            ChannelConsent(
                channel=channel,
                latest=latest.get(channel),
                state=_closed_by(channel, closed)
                or _state_of(guardian, latest.get(channel), contacts.get(channel), known, now),
                own=contacts.get(channel),
                may_ask=channel.value in open_channels,
            )
            for channel in (Channel.EMAIL, Channel.SMS)
        ),
        events=tuple(reversed(events)),
        notices=notices,
        objected_at=next((one.made_at for one in closed if one.reason == "objection" and one.channel is None), None),
    )


def channels_to_ask_through(*, now: datetime) -> frozenset[str]:
    """Where the school's live instructions let the vendor ask; a yes given elsewhere would count for nothing."""
    return frozenset(
        channel
        for one in authorisations(now=now)
        if one.standing is Standing.LIVE and VENDOR_OFFERS in one.instruction.purposes
        for channel in one.instruction.channels
    )


def _closed_by(channel: Channel, closed: Collection[Suppression]) -> ConsentState | None:
    """What shuts a channel, the gravest first; a person's objection is told once, above all channels."""
    reasons = {one.reason for one in closed if one.channel in {None, channel.value}}
    return next((state for state in CLOSED if state.value in reasons), None)


def _state_of(
    guardian: User, event: ConsentEvent | None, own: OwnContact | None, notices: set[UUID | None], now: datetime
) -> ConsentState:
    """Rules 12 and 13 for one channel, in the words of the page."""
    if event is None:
        return ConsentState.NEVER_ASKED
    if event.act != "give":
        return ConsentState.WITHDRAWN if event.act == "withdraw" else ConsentState.REFUSED
    flaws = {
        ConsentState.EXPIRED: event.expires_at is not None and event.expires_at <= now,
        ConsentState.NOT_OWN: event.actor != guardian.id or event.capture not in OWN_CAPTURES,
        ConsentState.OTHER_TEXT: event.notice_id not in notices,
        ConsentState.NOT_AUTHORISED_THEN: event.instruction_id is None,
        ConsentState.OTHER_ADDRESS: own is None
        or not own.is_verified
        or (own.contact.id, own.contact.version) != (event.contact_id, event.contact_version),
    }
    return next((state for state, is_so in flaws.items() if is_so), ConsentState.ON)


def _last_moment(event: ConsentEvent) -> datetime | None:
    """The end is the first moment that is no longer covered; people are told the last day that is."""
    return event.expires_at - timedelta(microseconds=1) if event.expires_at else None
