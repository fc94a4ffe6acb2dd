"""Reads an exported ledger, and nothing else, and re-derives each decision about an offer from what stands in it.

docs/ledger.md says what the leaves hold. What the ledger proves are rules 4, 5, 7, 8, 9, 12, 13, 15 and 16; it holds
nothing about who is a guardian or of age, which texts are approved, whose address was suppressed or verified, and what
a campaign's text says, so that those codes are taken as they stand.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from opt_in.explanation import of_the_reader as reader
from opt_in.explanation import of_the_school as school
from opt_in.explanation.facts import (
    Approval,
    Campaign,
    ConsentEvent,
    Contact,
    Instruction,
    Message,
    Notice,
    Resolution,
    School,
    Sender,
    World,
)
from opt_in.explanation.rules import RULES, Verdict
from opt_in.gate.codes import CODES

Leaf = dict[str, Any]
NOBODY = UUID(int=0)

_CHECKED = [
    rule
    for rule in RULES
    if rule.check
    in (school.live, school.opposed, school.instruction, school.council, school.approval, reader.grant, reader.contact,
        reader.once, reader.in_time)
]  # fmt: skip
# What the ledger cannot prove; every other code is re-derived.
TAKEN_AS_SAID = frozenset(
    {
        "DENY_INPUT_UNAVAILABLE", "DENY_UNCLASSIFIED", "DENY_CLASS_DOWNGRADE", "DENY_ORIGIN_MISMATCH",
        "DENY_SENDER_NOT_OWNED", "DENY_IMPERSONATION", "DENY_NOT_GUARDIAN", "DENY_MINOR", "DENY_SUPPRESSED_OBJECTION",
        "DENY_SUPPRESSED_COMPLAINT", "DENY_SUPPRESSED_STOP", "DENY_SUPPRESSED_BOUNCE", "DENY_OPT_IN_NOTICE_SUPERSEDED",
        "DENY_CONTACT_UNVERIFIED", "DENY_NO_WITHDRAWAL_PATH",
    }
)  # fmt: skip
PROVED = frozenset(CODES) - TAKEN_AS_SAID
_NO_GRANT = {"DENY_NO_OPT_IN", "DENY_OPT_IN_WITHDRAWN", "DENY_OPT_IN_REFUSED"}
# The stream vendor has a lock of its own, so that nothing of the vendor's stands in a revocation's way: a decision and
# a kill switch within this time of each other may have crossed.
CROSSING = timedelta(seconds=30)


class DoesNotFollow(AssertionError):
    """A leaf that does not follow from the leaves before it."""

    def __init__(self, stream: str, seq: int, what: str) -> None:
        super().__init__(f"stream {stream}, leaf {seq}: {what}")


@dataclass(slots=True)
class Past:
    """What the leaves have said so far."""

    school: School
    switches: list[tuple[datetime, str, str, bool]] = field(default_factory=list)
    campaigns: dict[str, Leaf] = field(default_factory=dict)
    stops: dict[str, datetime] = field(default_factory=dict)
    instructions: dict[str, Instruction] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    recorded_by: dict[str, str | None] = field(default_factory=dict)
    approvals: dict[str, list[Approval]] = field(default_factory=lambda: defaultdict(list))
    events: dict[str, list[ConsentEvent]] = field(default_factory=lambda: defaultdict(list))
    event_ids: dict[int, str] = field(default_factory=dict)
    objected: set[str] = field(default_factory=set)
    erased: bool = False
    officers: set[str] = field(default_factory=set)
    reached: dict[tuple[str, str | None, str], list[tuple[datetime, Message]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    closed: set[str] = field(default_factory=set)


def replay(lines: Iterable[str]) -> Counter[str]:
    """How often each verdict and code was re-derived; raises DoesNotFollow at the first that does not follow."""
    streams: dict[str, list[tuple[int, Leaf]]] = {"authority": [], "dispatch": [], "vendor": []}
    parsed = (json.loads(line) for line in lines)
    header = next(parsed)
    for line in parsed:
        streams[line["stream"]].append((line["seq"], line["leaf"]))
    _require(bool(streams["authority"]), "authority", 1, "the school was never registered")
    _, first = streams["authority"][0]
    past = Past(School(UUID(header["school"]), first["stage"], first["time_zone"], ()))
    past.switches = [(moment(first["at"]), *one.split(":", 1), True) for one in first["stopped"]]
    for seq, leaf in streams["vendor"]:
        _vendor(past, seq, leaf)
    found: Counter[str] = Counter()
    authority = iter(streams["authority"])
    waiting = next(authority, None)
    for seq, leaf in streams["dispatch"]:
        if leaf["act"] == "decide":
            while waiting is not None and moment(waiting[1]["at"]) <= moment(leaf["at"]):
                _authority(past, *waiting)
                waiting = next(authority, None)
            _decision(past, seq, leaf)
            found.update([leaf["verdict"], *leaf["codes"]] if leaf["campaign"] else ["no offers"])
        elif leaf["act"] in ("cancelled", "expired"):
            past.closed.update(leaf["envelopes"])
    while waiting is not None:
        _authority(past, *waiting)
        waiting = next(authority, None)
    return found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _require(holds: bool, stream: str, seq: int, what: str) -> None:
    if not holds:
        raise DoesNotFollow(stream, seq, what)


def _vendor(past: Past, seq: int, leaf: Leaf) -> None:
    at = moment(leaf["at"])
    if leaf["act"] == "propose":
        _require(leaf["campaign"] not in past.campaigns, "vendor", seq, "this campaign was proposed before")
        past.campaigns[leaf["campaign"]] = leaf
        if leaf["stopped"]:
            past.switches.append((at, "campaign", leaf["campaign"], True))
    elif leaf["act"] == "stop":
        past.stops.setdefault(leaf["campaign"], at)
    elif leaf["act"] == "kill_switch":
        past.switches.append((at, leaf["scope"], leaf["key"], leaf["on"]))


def _authority(past: Past, seq: int, leaf: Leaf) -> None:
    act, at = leaf["act"], moment(leaf["at"])
    if act in ("stage", "authorise", "revoke", "approved", "rejected", "confirm"):
        role = "council_chair" if act == "confirm" else "director"
        _require(f"{role}:{leaf['actor']}" in past.officers, "authority", seq, f"{act} by somebody who is no {role}")
    match act:
        case "officers":
            past.officers = set(leaf["officers"])
        case "stage":
            past.school = replace(past.school, stage=leaf["stage"])
        case "authorise":
            past.instructions[leaf["instruction"]] = Instruction(
                UUID(leaf["instruction"]), tuple(leaf["purposes"]), tuple(leaf["products"]), tuple(leaf["channels"]),
                leaf["audience"], moment(leaf["valid_from"]), moment(leaf["valid_to"]), at, None,
            )  # fmt: skip
        case "revoke":
            for one in leaf["instructions"]:
                past.instructions[one] = replace(past.instructions[one], revoked_at=at)
        case "resolution":
            past.recorded_by[leaf["resolution"]] = leaf["actor"]
            past.resolutions[leaf["resolution"]] = Resolution(
                UUID(leaf["resolution"]), seq, leaf["outcome"], date.fromisoformat(leaf["decided_on"]),
                tuple(leaf["purposes"]), tuple(leaf["products"]), None,
            )  # fmt: skip
        case "confirm":
            one = leaf["resolution"]
            _require(past.recorded_by[one] != leaf["actor"], "authority", seq, "confirmed by whoever recorded it")
            past.resolutions[one] = replace(past.resolutions[one], confirmed_at=at)
        case "approved" | "rejected":
            content = bytes.fromhex(leaf["content"]) if leaf["content"] else None
            past.approvals[leaf["campaign"]].append(Approval(leaf["approval"], act, content))
        case "give" | "refuse" | "withdraw":
            past.events[leaf["subject"]].append(_event(seq, leaf))
            past.event_ids[seq] = leaf["event"]
        case "object":
            past.objected.add(leaf["subject"])
        case "erase":
            past.erased = True


def _event(seq: int, leaf: Leaf) -> ConsentEvent:
    return ConsentEvent(
        number=seq,
        subject_id=UUID(hex=leaf["subject"]),
        purpose=leaf["purpose"],
        channel=leaf["channel"],
        act=leaf["act"],
        actor=UUID(hex=leaf["actor"]) if leaf["actor"] else NOBODY,
        capture=leaf["capture"],
        contact_id=UUID(hex=leaf["contact"]) if leaf["contact"] else None,
        contact_version=leaf["contact_version"],
        notice_id=UUID(leaf["notice"]) if leaf["notice"] else None,
        instruction_id=UUID(leaf["instruction"]) if leaf["instruction"] else None,
        expires_at=moment(leaf["expires_at"]) if leaf["expires_at"] else None,
    )


def _decision(past: Past, seq: int, leaf: Leaf) -> None:
    at, codes, envelope = moment(leaf["at"]), tuple(leaf["codes"]), leaf["envelope"]
    said = Verdict(leaf["verdict"], leaf["code"], codes)
    _require(said == Verdict.of(codes), "dispatch", seq, "its verdict does not follow from its codes")
    _require(envelope not in past.closed, "dispatch", seq, "this message had ended")
    if leaf["verdict"] == "DENY" or leaf["campaign"]:
        past.closed.add(envelope)
    if leaf["campaign"] is None:
        _require(
            leaf["class"] != "vendor_marketing" or leaf["verdict"] == "DENY", "dispatch", seq, "an offer of no campaign"
        )
        not_live = "DENY_SCHOOL_NOT_LIVE" in codes
        _require(not not_live or past.school.stage != "live", "dispatch", seq, "the school was live")
        if leaf["class"] in ("school_service", "school_info"):
            _require(
                ("DENY_KILL_SWITCH" in codes) in _killed(past, leaf, at), "dispatch", seq, "kill switches say other"
            )
        return
    proposed = past.campaigns.get(leaf["campaign"])
    if proposed is None:
        raise DoesNotFollow("dispatch", seq, "this campaign was never proposed")
    w = _world(past, leaf, proposed)
    derived = {code for rule in _CHECKED for code in rule.codes(w, at)}
    known = set(codes)
    _require(("DENY_KILL_SWITCH" in known) in _killed(past, leaf, at), "dispatch", seq, "kill switches say otherwise")
    _require(leaf["subject"] not in past.objected or "DENY_SUPPRESSED_OBJECTION" in known, "dispatch", seq, "objected")
    if past.erased and not w.events and known & _NO_GRANT:
        derived = (derived - _NO_GRANT) | (known & _NO_GRANT)  # said under a pseudonym whose key is gone
    in_this_claim = any(when == at for when, _ in past.reached[_reader(leaf)])
    if codes == ("DENY_DUPLICATE",) and not derived and in_this_claim:
        derived = known
    wrong = (derived ^ known) & (PROVED - {"DENY_KILL_SWITCH"})
    _require(not wrong, "dispatch", seq, f"{', '.join(sorted(wrong))}: the leaf says {sorted(known)}")
    _references(past, w, at, seq, leaf)
    if leaf["verdict"] == "ALLOW":
        past.reached[_reader(leaf)].append((at, replace(w.message, state="sent")))


def _reader(leaf: Leaf) -> tuple[str, str | None, str]:
    return leaf["campaign"], leaf["subject"], leaf["channel"]


def _killed(past: Past, leaf: Leaf, at: datetime) -> set[bool]:
    """What rule 4 may have found: what was so at that moment, or shortly before it where something had just changed."""

    def at_moment(when: datetime) -> bool:
        state = {(scope, key): on for made, scope, key, on in past.switches if made <= when}
        keys = [("platform", ""), ("channel", leaf["channel"]), ("campaign", leaf["campaign"])]
        stop = past.stops.get(leaf["campaign"])
        return any(state.get(key) for key in keys) or (stop is not None and stop <= when)

    changes = [made for made, *_ in past.switches if at - CROSSING <= made <= at]
    return {at_moment(when) for when in [at, at - CROSSING, *changes]}


def _world(past: Past, leaf: Leaf, proposed: Leaf) -> World:
    sender = Sender(proposed["sender"], "vendor", None, has_one_click=True, has_stop_word=True)
    subject_id = UUID(hex=leaf["subject"]) if leaf["subject"] else None
    contact_id = UUID(hex=leaf["contact"]) if leaf["contact"] else None
    message = Message(
        UUID(leaf["envelope"]), past.school.school_id, leaf["kind"], leaf["class"], "vendor", leaf["channel"],
        subject_id, contact_id, UUID(leaf["campaign"]), sender.sender_id, bytes.fromhex(leaf["content"]), None,
        moment(proposed["not_before"]) if proposed["not_before"] else None, moment(proposed["expires_at"]),
    )  # fmt: skip
    campaign = Campaign(
        UUID(leaf["campaign"]), sender.sender_id, proposed["purpose"], proposed["product"],
        tuple(proposed["channels"]), proposed["audience"], bytes.fromhex(proposed["content"]), "", None,
    )  # fmt: skip
    contact = None
    if contact_id and subject_id:
        seen = datetime.min.replace(tzinfo=moment(leaf["at"]).tzinfo)
        contact = Contact(contact_id, subject_id, leaf["channel"], leaf["contact_version"], b"", seen, True)
    events = tuple(past.events.get(leaf["subject"], ()))
    return World(
        message=message, school=past.school, kind=None, sender=sender, campaign=campaign, campaign_sender=sender,
        subject=None, contact=contact, instructions=tuple(past.instructions.values()),
        resolutions=tuple(past.resolutions.values()), approvals=tuple(past.approvals.get(leaf["campaign"], ())),
        events=events, notices=tuple(Notice(e.notice_id, e.purpose, None) for e in events if e.notice_id),
        suppressions=(), kill_switches=frozenset(),
        earlier=tuple(other for when, other in past.reached[_reader(leaf)] if when < moment(leaf["at"])),
    )  # fmt: skip


def _references(past: Past, w: World, at: datetime, seq: int, leaf: Leaf) -> None:
    """The leaf names the instruction, resolution, approval and yes that it looked at."""
    instruction = school.best_instruction(w, at)
    resolution = school.latest_resolution(w)
    approval = max((one.number for one in w.approvals), default=None)
    event = reader.latest_event(w)
    for name, found in (
        ("instruction", str(instruction.instruction_id) if instruction else None),
        ("resolution", str(resolution.resolution_id) if resolution else None),
        ("approval", approval),
        *([] if past.erased and event is None else [("consent", past.event_ids[event.number] if event else None)]),
    ):
        _require(leaf[name] == found, "dispatch", seq, f"it names the {name} {leaf[name]}, the ledger has {found}")
