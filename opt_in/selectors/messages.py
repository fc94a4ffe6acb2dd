"""One person's own messages, in that person's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from opt_in.envelopes import HANDED_OVER, REACHED, kind_name, state_name
from opt_in.gate import school as gate
from opt_in.gate.errors import GateNotFound
from opt_in.gate.school_overview import AddressedEnvelope
from opt_in.reasons import reason_for_reader
from opt_in.selectors.previews import Opening, opening_in, subject_in
from tenants.people.models import Channel, User


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """`text` and `opening` only of an offer that was handed over: whoever was not sent one shall not be shown it here
    either."""

    envelope_id: UUID
    kind: str
    origin: str
    sender: str
    channel: str
    state: str
    state_text: str
    reason: str
    at: datetime
    is_offer: bool
    subject: str = ""
    text: str = ""
    opening: Opening | None = None

    @property
    def kind_text(self) -> str:
        return kind_name(self.kind)

    @property
    def channel_text(self) -> str:
        return str(Channel(self.channel).label) if self.channel in Channel.values else self.channel

    @property
    def has_arrived(self) -> bool:
        return self.state in REACHED

    @property
    def was_handed_over(self) -> bool:
        return self.state in HANDED_OVER


def messages_of(person: User, *, limit: int, before: UUID | None = None) -> list[OwnMessage]:
    """Newest first, of their texts the first words only; page on with the last id."""
    envelopes = gate.envelopes_of(person.id, limit=limit, before=before)
    openings = _openings_of(envelopes)
    return [
        OwnMessage(
            envelope_id=envelope.envelope_id,
            kind=envelope.kind,
            origin=envelope.origin,
            sender=envelope.sender_name or "",
            channel=envelope.channel,
            state=envelope.state,
            state_text=state_name(envelope.state),
            reason=reason_for_reader(envelope.code),
            at=envelope.ended_at or envelope.created_at,
            is_offer=envelope.campaign_id is not None,
            opening=openings.get(envelope.envelope_id),
        )
        for envelope in envelopes
    ]


def _openings_of(envelopes: Sequence[AddressedEnvelope]) -> dict[UUID, Opening]:
    """What tells one offer from another, by envelope."""
    sent = {
        one.envelope_id: (one.campaign_id, one) for one in envelopes if one.campaign_id and one.state in HANDED_OVER
    }
    contents = gate.campaign_contents(list({campaign_id for campaign_id, _ in sent.values()}))
    return {
        envelope_id: opening_in(contents[campaign_id], one.channel, one.language)
        for envelope_id, (campaign_id, one) in sent.items()
    }


def explained_to(person: User, envelope_id: UUID) -> dict[str, Any] | None:
    """Why this message came, as the gate tells it; None for a message of somebody else, as for one that never was."""
    try:
        with transaction.atomic():
            facts: dict[str, Any] = gate.explain(envelope_id)
    except GateNotFound:
        return None
    return facts if facts["subject"] == str(person.id) else None


def own_message(person: User, envelope_id: UUID) -> OwnMessage | None:
    """One message with its text, where the text is kept: an offer's is, for it is the same for everybody."""
    facts = explained_to(person, envelope_id)
    if facts is None:
        return None
    campaign, sender = facts["campaign"], facts["sender"] or {}
    subject = text = ""
    if campaign is not None and facts["state"] in HANDED_OVER:
        content = gate.campaign_content(UUID(campaign["id"]))
        subject = subject_in(content, facts["channel"], facts["language"])
        text = content.parsed["texts"][facts["channel"]][facts["language"]]["body"]
    return OwnMessage(
        envelope_id=envelope_id,
        kind=facts["kind"],
        origin=facts["origin"],
        sender=sender.get("name") or "",
        channel=facts["channel"],
        state=facts["state"],
        state_text=state_name(facts["state"]),
        reason=reason_for_reader(facts["code"]),
        at=datetime.fromisoformat(facts["ended_at"] or facts["created_at"]),
        is_offer=campaign is not None,
        subject=subject,
        text=text,
    )
