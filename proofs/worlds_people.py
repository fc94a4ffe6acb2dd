"""The people of a random world: who they are, what they said, and the messages that wait for them."""

import hashlib
from dataclasses import replace
from uuid import UUID

from opt_in.explanation.facts import (
    REACHED_OR_ENDED,
    ConsentEvent,
    Contact,
    Message,
    Subject,
    Suppression,
)
from proofs.worlds import KINDS, Batch
from proofs.worlds_school import CHANNELS, DAY, MOMENT, OTHER_PURPOSE, PURPOSE, Dice

_ROLES = [
    frozenset[str](),
    frozenset({"pupil"}),
    frozenset({"guardian", "pupil"}),
    frozenset({"staff"}),
    frozenset({"guardian", "director"}),
]
_CLASSES = ["security", "school_service", "school_info", "platform_service", "vendor_contract", "unheard_of"]
_STATES = sorted(REACHED_OR_ENDED | {"denied", "suppressed", "cancelled", "expired"})


def add_people(dice: Dice, made: Batch, people: int) -> None:
    """Each with contacts and a history, and two messages that wait."""
    for _ in range(people):
        subject_id = dice.id()
        if made.is_registered and not dice.hits(0.02):
            roles = dice.mostly(frozenset({"guardian"}), _ROLES, 0.12)
            made.subjects[subject_id] = Subject(roles, not dice.hits(0.04), not dice.hits(0.04))
        contacts = {channel: _contact(dice, made, subject_id, channel) for channel in CHANNELS}
        made.events[subject_id] = []
        for channel in CHANNELS:
            _history(dice, made, subject_id, channel, contacts[channel])
        if dice.hits(0.25):
            _suppress(dice, made, subject_id, contacts[dice.one(CHANNELS)])
        for _ in range(2):
            _message(dice, made, subject_id, contacts)


def _contact(dice: Dice, made: Batch, subject_id: UUID, channel: str) -> Contact:
    verified = [None, made.now, made.now + MOMENT]
    contact = Contact(
        dice.id(), subject_id, channel, dice.one([1, 2]), hashlib.sha256(dice.id().bytes).digest(),
        dice.mostly(made.now - DAY, verified, 0.08), not dice.hits(0.04),
    )  # fmt: skip
    if made.is_registered and not dice.hits(0.03):
        made.contacts[contact.contact_id] = contact
    return contact


def _history(dice: Dice, made: Batch, subject_id: UUID, channel: str, contact: Contact) -> None:
    acts = [dice.one(["give", "refuse", "withdraw"]) for _ in range(dice.one([0, 0, 1, 2]))]
    acts += dice.mostly(["give"], [[], ["withdraw"], ["refuse"]], 0.15)
    purpose = dice.mostly(PURPOSE, [OTHER_PURPOSE, "school_info"], 0.15)
    for act in acts:
        gives = act == "give"
        notice = dice.mostly(made.notices[0], made.notices[1:], 0.1)
        live = [one.instruction_id for one in made.instructions]
        made.events[subject_id].append(
            ConsentEvent(
                number=next(dice.numbers),
                subject_id=subject_id,
                purpose=dice.mostly(purpose, ["school_info"], 0.1),
                channel=channel,
                act=act,
                actor=dice.mostly(subject_id, [dice.id()], 0.04),
                capture=dice.mostly(dice.one(["portal", "api", "mail_link", "sms_reply"]), ["import", "paper"], 0.04),
                contact_id=dice.mostly(contact.contact_id, [None, dice.id()], 0.04) if gives else None,
                contact_version=dice.mostly(contact.version, [None, contact.version + 1], 0.04) if gives else None,
                notice_id=dice.mostly(notice.notice_id, [None], 0.02) if gives else None,
                instruction_id=dice.one(live) if gives and live and not dice.hits(0.04) else None,
                expires_at=dice.mostly(made.now + DAY, [made.now - DAY, made.now, made.now + MOMENT], 0.1)
                if gives
                else None,
            )
        )


def _suppress(dice: Dice, made: Batch, subject_id: UUID, contact: Contact) -> None:
    reason = dice.one(["objection", "complaint", "stop", "bounce"])
    school_id = dice.mostly(made.school.school_id, [dice.id()], 0.25)
    channel = dice.mostly(contact.channel, [None, *CHANNELS], 0.3)
    by_person = dice.hits(0.3)
    made.suppressions.append(
        Suppression(
            school_id,
            reason,
            subject_id if by_person else None,
            channel,
            None if by_person else contact.address_hash,
        )
    )


def _message(dice: Dice, made: Batch, subject_id: UUID, contacts: dict[str, Contact]) -> None:
    channel = dice.one(CHANNELS)
    other = contacts[dice.one(CHANNELS)].contact_id
    expires = [made.now - DAY, made.now, made.now + MOMENT]
    message = Message(
        envelope_id=dice.id(),
        school_id=made.school.school_id,
        kind="vendor.campaign",
        message_class="vendor_marketing",
        origin="vendor",
        channel=channel,
        subject_id=dice.mostly(subject_id, [None, dice.id()], 0.01),
        contact_id=dice.mostly(
            contacts[channel].contact_id, [None, other, dice.one(list(made.contacts) or [None])], 0.06
        ),
        campaign_id=None,
        sender_id="vendor-full",
        content_sha256=hashlib.sha256(b"parameters").digest(),
        dedupe_key=None,
        not_before=dice.mostly(None, [made.now - MOMENT, made.now, made.now + MOMENT], 0.12),
        expires_at=dice.mostly(made.now + DAY, [None, *expires], 0.1),
    )
    message = _offer(dice, made, message) if dice.hits(0.7) else _other(dice, made, message)
    if dice.hits(0.03):
        message = replace(message, kind=dice.one(["vendor.surprise", "school.message", "vendor.campaign"]))
    if dice.hits(0.03):
        message = replace(message, message_class=dice.one(_CLASSES))
    if dice.hits(0.03):
        message = replace(message, origin=dice.one(["school", "vendor", "platform"]))
    if dice.hits(0.03):
        message = replace(message, sender_id=dice.one(["nobody", *made.senders]))
    made.messages.append(message)
    if dice.hits(0.12):
        _copy(dice, made, message)


def _offer(dice: Dice, made: Batch, message: Message) -> Message:
    campaign = dice.one(list(made.campaigns.values()))
    return replace(
        message,
        campaign_id=dice.mostly(campaign.campaign_id, [None, dice.id()], 0.02),
        sender_id=campaign.sender_id,
        content_sha256=dice.mostly(campaign.content_sha256, [message.content_sha256], 0.04),
    )


def _other(dice: Dice, made: Batch, message: Message) -> Message:
    kind = dice.one(KINDS)
    sender = {"school": f"school:{made.school.school_id}", "platform": "platform"}.get(kind.origin, "vendor-full")
    key = f"key {dice.random.randrange(40)}" if dice.hits(0.5) else None
    return replace(
        message, kind=kind.kind, message_class=kind.message_class, origin=kind.origin, sender_id=sender, dedupe_key=key
    )


def _copy(dice: Dice, made: Batch, message: Message) -> None:
    """The same message once more, ended already in some way or waiting beside it."""
    state = dice.mostly(dice.one(_STATES), ["queued"], 0.3)
    taken = state in REACHED_OR_ENDED and any(
        other.state in REACHED_OR_ENDED and (other.reader == message.reader or other.twin == message.twin)
        for other in made.messages
    )
    # the database itself keeps a second one from getting there
    if not taken and (message.campaign_id or message.dedupe_key or state == "queued"):
        made.messages.append(replace(message, envelope_id=dice.id(), state=state))
