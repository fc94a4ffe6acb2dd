"""Rules 10 to 16: who would read it, and what that person said."""

from collections.abc import Iterator
from datetime import datetime

from opt_in.explanation.facts import REACHED, REACHED_OR_ENDED, ConsentEvent, Notice, World
from opt_in.explanation.of_the_school import known

# How a guardian's own yes can reach us. Anything else may be recorded, and counts for nothing.
OWN_CAPTURES = frozenset({"portal", "api", "mail_link", "sms_reply"})


def person(w: World, _now: datetime) -> Iterator[str]:
    who = w.subject
    active = who is not None and who.is_active
    roles = who.roles if who is not None else frozenset()
    belongs = ("guardian" in roles and "pupil" not in roles) if w.is_offer else bool(roles)
    if not (active and belongs):
        yield "DENY_NOT_GUARDIAN"
    if w.is_offer and who is not None and not who.is_adult:
        yield "DENY_MINOR"


def suppressions(w: World, _now: datetime) -> Iterator[str]:
    reasons = {suppression.reason for suppression in w.suppressions if suppression.hits(w)}
    for reason in ("objection", "complaint", "stop", "bounce") if w.is_offer else ("bounce",):
        if reason in reasons:
            yield f"DENY_SUPPRESSED_{reason.upper()}"


def grant(w: World, now: datetime) -> Iterator[str]:
    event = latest_event(w)
    if event is None:
        if w.is_offer:
            yield "DENY_NO_OPT_IN"
    elif not w.is_offer:  # the school's own news: only a no counts
        if event.act != "give":
            yield "DENY_OPT_IN_WITHDRAWN"
    elif event.act == "give":
        yield from _flaws_of(event, w.notice_of(event), now)
    else:
        yield "DENY_OPT_IN_WITHDRAWN" if event.act == "withdraw" else "DENY_OPT_IN_REFUSED"


def _flaws_of(event: ConsentEvent, notice: Notice | None, now: datetime) -> Iterator[str]:
    if event.expires_at is not None and event.expires_at <= now:
        yield "DENY_OPT_IN_EXPIRED"
    if event.actor != event.subject_id or event.capture not in OWN_CAPTURES:
        yield "DENY_OPT_IN_INVALID_CAPTURE"
    superseded = notice is not None and notice.superseded_at is not None and notice.superseded_at <= now
    if notice is None or notice.purpose != event.purpose or superseded:
        yield "DENY_OPT_IN_NOTICE_SUPERSEDED"
    if event.instruction_id is None:
        yield "DENY_OPT_IN_OUTSIDE_INSTRUCTION"


def latest_event(w: World) -> ConsentEvent | None:
    """Events are folded in order first; what expires later can only turn a grant off, never an older one on."""
    if w.message.message_class == "school_info":
        purpose = "school_info"
    elif w.campaign is not None and known(w):
        purpose = w.campaign.purpose
    else:
        return None
    asked = (w.message.subject_id, w.message.channel, purpose)
    told = (event for event in w.events if (event.subject_id, event.channel, event.purpose) == asked)
    return max(told, key=lambda event: event.number, default=None)


def contact(w: World, now: datetime) -> Iterator[str]:
    address = w.address
    if address is None:
        yield "DENY_NO_CONTACT"
        return
    if address.verified_at is None or address.verified_at > now:
        yield "DENY_CONTACT_UNVERIFIED"
    event = latest_event(w) if w.is_offer else None
    if event is not None and event.act == "give":
        if event.contact_id != address.contact_id:
            yield "DENY_CONTACT_PROVENANCE"
        elif event.contact_version != address.version:
            yield "DENY_CONTACT_CHANGED"


def way_out(w: World, _now: datetime) -> Iterator[str]:
    sender = w.campaign_sender if known(w) else None
    if sender is None or not (sender.has_stop_word if w.message.channel == "sms" else sender.has_one_click):
        yield "DENY_NO_WITHDRAWAL_PATH"


def once(w: World, _now: datetime) -> Iterator[str]:
    message = w.message
    for other in w.earlier:
        same_reader = None not in message.reader and message.reader == other.reader
        same_key = message.dedupe_key is not None and message.twin == other.twin
        if (same_reader and other.state in REACHED_OR_ENDED) or (same_key and other.state in REACHED):
            yield "DENY_DUPLICATE"
            return


def in_time(w: World, now: datetime) -> Iterator[str]:
    if w.message.expires_at is not None and w.message.expires_at <= now:
        yield "DENY_MESSAGE_EXPIRED"
    if w.message.not_before is not None and w.message.not_before > now:
        yield "HOLD_NOT_BEFORE"
