"""Rules 0 to 9: the message itself, and what the school, its Council and its director decided."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from opt_in.explanation.facts import Instruction, Resolution, World


def inputs(w: World, _now: datetime) -> Iterator[str]:
    # Other classes have a rule 13 of their own that says which contact is missing.
    needs_address = w.message.message_class in ("security", "platform_service")
    if (
        w.school is None
        or (w.is_offer and w.campaign is None)
        or (needs_address and w.address is None)
        or w.message.message_class == "vendor_contract"  # the gate knows no contracts yet
    ):
        yield "DENY_INPUT_UNAVAILABLE"


def message_class(w: World, _now: datetime) -> Iterator[str]:
    claimed = w.message.message_class
    if w.kind is None:
        yield "DENY_UNCLASSIFIED"
    elif claimed != w.kind.message_class or (w.message.campaign_id is not None and claimed != "vendor_marketing"):
        yield "DENY_CLASS_DOWNGRADE"


def origin(w: World, _now: datetime) -> Iterator[str]:
    of_kind = w.kind is not None and w.message.origin == w.kind.origin
    of_campaign = w.message.campaign_id is None or (
        w.message.origin == "vendor"
        and known(w)
        and w.campaign is not None
        and w.message.sender_id == w.campaign.sender_id
    )
    if not (of_kind and of_campaign):
        yield "DENY_ORIGIN_MISMATCH"


def sender(w: World, _now: datetime) -> Iterator[str]:
    if w.message.campaign_id is None:
        ours = w.sender is not None and w.sender.origin == w.message.origin
        if not ours or (w.sender is not None and w.sender.school_id not in (None, w.message.school_id)):
            yield "DENY_SENDER_NOT_OWNED"
    elif w.school is not None and w.campaign is not None:
        if w.campaign_sender is None or w.campaign_sender.origin != "vendor":
            yield "DENY_SENDER_NOT_OWNED"
        if any(name in w.campaign.surface for name in w.school.folded_names):
            yield "DENY_IMPERSONATION"


def kill_switch(w: World, _now: datetime) -> Iterator[str]:
    if not known(w):
        return
    pulled = {("platform", ""), ("channel", w.message.channel), ("campaign", str(w.message.campaign_id))}
    if pulled & w.kill_switches or (w.campaign is not None and w.campaign.stopped_at is not None):
        yield "DENY_KILL_SWITCH"


def live(w: World, _now: datetime) -> Iterator[str]:
    if w.school is None or not known(w) or w.school.stage == "live":
        return
    # Before it opens, a school may write to its own staff, not to guardians and pupils.
    among_colleagues = not w.is_offer and w.subject is not None and bool(w.subject.roles & {"staff", "director"})
    if not among_colleagues:
        yield "DENY_SCHOOL_NOT_LIVE"


def known(w: World) -> bool:
    """Of what is not there, rule 0 has said so, and nothing more can be said."""
    return w.school is not None and (w.campaign is not None or not w.is_offer)


def opposed(w: World, _now: datetime) -> Iterator[str]:
    latest = latest_resolution(w)
    if latest is not None and latest.outcome == "negative":
        yield "DENY_COUNCIL_OPPOSED"


def instruction(w: World, now: datetime) -> Iterator[str]:
    if not known(w) or w.campaign is None:
        return
    best = best_instruction(w, now)
    if best is None:
        yield "DENY_SCHOOL_NOT_AUTHORISED"
        return
    standing, covers = _standing(best, now), _covers(best, w)
    if standing in ("REVOKED", "EXPIRED"):
        yield f"DENY_SCHOOL_{standing}"
    elif not covers:
        yield "DENY_SCHOOL_SCOPE"
    elif standing == "LATER":
        yield "HOLD_INSTRUCTION_NOT_YET_VALID"
    elif w.message.channel not in w.campaign.channels:
        yield "DENY_SCHOOL_SCOPE"


def best_instruction(w: World, now: datetime) -> Instruction | None:
    """The most permissive one; of two alike, the later."""
    ranked = [(_permissiveness(one, w, now), one.made_at, one.instruction_id, one) for one in w.instructions]
    return max(ranked)[-1] if ranked else None


def _permissiveness(candidate: Instruction, w: World, now: datetime) -> int:
    standing, covers = _standing(candidate, now), _covers(candidate, w)
    if standing in ("REVOKED", "EXPIRED"):
        return 1 if covers else 0
    if not covers:
        return 2
    return 4 if standing == "LIVE" else 3


def _standing(candidate: Instruction, now: datetime) -> str:
    if candidate.revoked_at is not None:
        return "REVOKED"
    if candidate.valid_to <= now:
        return "EXPIRED"
    return "LATER" if candidate.valid_from > now else "LIVE"


def _covers(candidate: Instruction, w: World) -> bool:
    return w.campaign is not None and (
        w.campaign.purpose in candidate.purposes
        and w.campaign.product in candidate.products
        and w.message.channel in candidate.channels
        and w.campaign.audience == candidate.audience
    )


def council(w: World, now: datetime) -> Iterator[str]:
    if w.school is None or not known(w):
        return
    latest = latest_resolution(w)
    today = now.astimezone(ZoneInfo(w.school.time_zone)).date()
    if latest is None:
        yield "DENY_COUNCIL_MISSING"
    elif latest.outcome == "positive" and school_year(latest.decided_on) < school_year(today):
        yield "DENY_COUNCIL_EXPIRED"
    elif latest.outcome == "positive" and latest.decided_on > today:
        yield "HOLD_COUNCIL_NOT_YET_VALID"


def latest_resolution(w: World) -> Resolution | None:
    """A no counts at once, for what it names or for everything; a yes counts once the chair has confirmed it."""
    campaign = w.campaign
    if campaign is None or not known(w):
        return None

    def counts(resolution: Resolution) -> bool:
        if resolution.outcome == "negative":
            names_purpose = not resolution.purposes or campaign.purpose in resolution.purposes
            return names_purpose and (not resolution.products or campaign.product in resolution.products)
        in_scope = campaign.purpose in resolution.purposes and campaign.product in resolution.products
        return in_scope and resolution.confirmed_at is not None

    return max(filter(counts, w.resolutions), key=lambda r: (r.decided_on, r.number), default=None)


def school_year(day: date) -> int:
    """Named by the year it began in, on 1 September."""
    return day.year - (day.month < 9)


def approval(w: World, _now: datetime) -> Iterator[str]:
    if w.campaign is None or not known(w):
        return
    content = w.campaign.content_sha256
    latest = max(w.approvals, key=lambda a: a.number, default=None)
    if latest is None:
        yield "HOLD_AWAITING_DIRECTOR"
    elif latest.outcome == "rejected":
        yield "DENY_DIRECTOR_REJECTED"
    of_another = latest is not None and latest.outcome == "approved" and latest.content_sha256 != content
    if of_another or w.message.content_sha256 != content:
        yield "DENY_CONTENT_CHANGED"
