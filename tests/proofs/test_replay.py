"""Decisions follow from the ledger alone, and one that does not follow is named."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from proofs import replay as proof
from proofs.exports import forged
from proofs.replay import verify
from proofs.replay_reader import DoesNotFollow, replay

Leaf = dict[str, Any]
Streams = dict[str, list[Leaf]]

SCHOOL = "0198f2aa-0000-7000-8000-00000000000a"
DIRECTOR, CHAIR, GUARDIAN, ADDRESS = "d1" * 16, "c4" * 16, "60" * 16, "ad" * 16
CAMPAIGN, CONTENT, NOTICE = "0198f2aa-0000-7000-8000-0000000000c1", "7e" * 32, "0198f2aa-0000-7000-8000-0000000000f1"
INSTRUCTION, RESOLUTION, GRANT, ENVELOPE, OTHER = (
    f"0198f2aa-0000-7000-8000-0000000000{number}" for number in ("11", "12", "13", "14", "15")
)
MAIL = {"channel": "email", "purpose": "vendor_offers"}


def act(act: str, at: str, **facts: Any) -> Leaf:
    return {"act": act, "at": f"2026-10-{at}.000000Z", **facts}


def word(what: str, at: str, **facts: Any) -> Leaf:
    nothing = dict.fromkeys(("contact", "contact_version", "notice", "instruction", "expires_at"))
    return act(what, at, event=OTHER, subject=GUARDIAN, actor=GUARDIAN, capture="portal", **MAIL) | nothing | facts


def resolution(outcome: str, at: str, number: str, **facts: Any) -> Leaf:
    scope = {"purposes": ["vendor_offers"], "products": ["plus"]}
    return (
        act("resolution", at, resolution=number, outcome=outcome, actor=DIRECTOR, decided_on="2026-10-02")
        | scope
        | facts
    )


def decision(at: str, **facts: Any) -> Leaf:
    return {
        **act("decide", at, envelope=ENVELOPE, attempt=1, campaign=CAMPAIGN, channel="email", kind="vendor.campaign"),
        "class": "vendor_marketing",
        "verdict": "ALLOW",
        "code": None,
        "codes": [],
        "policy": 1,
        "subject": GUARDIAN,
        "contact": ADDRESS,
        "contact_version": 1,
        "content": CONTENT,
        "notice": NOTICE,
        "instruction": INSTRUCTION,
        "resolution": RESOLUTION,
        "approval": 7,
        "consent": GRANT,
        **facts,
    }


@pytest.fixture
def streams() -> Streams:
    """One offer that reached a guardian, with everything that it needed."""
    scope = {"purposes": ["vendor_offers"], "products": ["plus"], "channels": ["email", "sms"], "audience": "guardians"}
    period = {"valid_from": "2026-10-01T10:00:00.000000Z", "valid_to": "2027-08-31T22:00:00.000000Z"}
    offer = {"sender": "zgoda-offers", "purpose": "vendor_offers", "product": "plus", "channels": ["email"]}
    given = {"event": GRANT, "contact": ADDRESS, "contact_version": 1, "notice": NOTICE, "instruction": INSTRUCTION}
    return {
        "authority": [
            act("register", "01T08:00:00", country="PL", stage="onboarding", time_zone="Europe/Warsaw", stopped=[]),
            act("officers", "01T08:01:00", officers=[f"council_chair:{CHAIR}", f"director:{DIRECTOR}"]),
            act("stage", "01T09:00:00", stage="live", actor=DIRECTOR),
            act("authorise", "01T10:00:00", instruction=INSTRUCTION, actor=DIRECTOR, **scope, **period),
            resolution("positive", "02T10:00:00", RESOLUTION),
            act("confirm", "02T11:00:00", resolution=RESOLUTION, actor=CHAIR),
            word("give", "03T10:00:00", **given, expires_at="2027-08-31T22:00:00.000000Z"),
            act("approved", "04T10:00:00", approval=7, campaign=CAMPAIGN, actor=DIRECTOR, content=CONTENT),
        ],
        "dispatch": [decision("05T10:00:00")],
        "vendor": [
            act("propose", "03T12:00:00", campaign=CAMPAIGN, content=CONTENT, audience="guardians", stopped=False,
                not_before=None, expires_at="2026-12-01T00:00:00.000000Z", **offer),
        ],
    }  # fmt: skip


def test_the_offer_that_had_all_it_needed_follows(streams: Streams) -> None:
    lines = forged(SCHOOL, streams)

    verify(lines)
    assert replay(lines) == {"ALLOW": 1}


def without(stream: str, act: str) -> Callable[[Streams], None]:
    def change(streams: Streams) -> None:
        streams[stream] = [leaf for leaf in streams[stream] if leaf["act"] != act]

    return change


def with_leaf(stream: str, leaf: Leaf) -> Callable[[Streams], None]:
    return lambda streams: streams[stream].append(leaf)


def changed(stream: str, act: str, **facts: Any) -> Callable[[Streams], None]:
    def change(streams: Streams) -> None:
        next(leaf for leaf in streams[stream] if leaf["act"] == act).update(facts)

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (without("authority", "stage"), "DENY_SCHOOL_NOT_LIVE"),
        (without("authority", "authorise"), "DENY_SCHOOL_NOT_AUTHORISED"),
        (without("authority", "confirm"), "DENY_COUNCIL_MISSING"),
        (without("authority", "approved"), "HOLD_AWAITING_DIRECTOR"),
        (without("authority", "give"), "DENY_NO_OPT_IN"),
        (without("vendor", "propose"), "never proposed"),
        (with_leaf("authority", act("stage", "05T09:00:00", stage="suspended", actor=DIRECTOR)), "NOT_LIVE"),
        (with_leaf("authority", act("revoke", "05T09:00:00", instructions=[INSTRUCTION], actor=DIRECTOR)), "REVOKED"),
        (with_leaf("authority", resolution("negative", "05T09:00:00", OTHER, purposes=[], products=[])), "OPPOSED"),
        (with_leaf("authority", word("withdraw", "05T09:00:00")), "DENY_OPT_IN_WITHDRAWN"),
        (with_leaf("authority", word("refuse", "05T09:00:00")), "DENY_OPT_IN_REFUSED"),
        (with_leaf("authority", act("object", "05T09:00:00", subject=GUARDIAN, actor=GUARDIAN)), "objected"),
        (
            with_leaf(
                "authority",
                act("rejected", "05T09:00:00", approval=8, campaign=CAMPAIGN, actor=DIRECTOR, content=None),
            ),
            "DENY_DIRECTOR_REJECTED",
        ),
        (with_leaf("vendor", act("stop", "05T09:00:00", campaign=CAMPAIGN)), "kill switches"),
        (with_leaf("vendor", act("kill_switch", "05T09:00:00", scope="platform", key="", on=True)), "kill switches"),
        (
            with_leaf("vendor", act("kill_switch", "05T09:00:00", scope="channel", key="email", on=True)),
            "kill switches",
        ),
        (with_leaf("vendor", act("propose", "05T09:00:00", campaign=CAMPAIGN, stopped=False)), "proposed before"),
        (changed("authority", "register", stopped=["channel:email"]), "kill switches"),
        (changed("authority", "authorise", products=["coach"]), "DENY_SCHOOL_SCOPE"),
        (changed("authority", "authorise", valid_to="2026-10-05T10:00:00.000000Z"), "DENY_SCHOOL_EXPIRED"),
        (changed("authority", "authorise", actor=CHAIR), "no director"),
        (changed("authority", "confirm", actor=DIRECTOR), "no council_chair"),
        (changed("authority", "resolution", actor=CHAIR), "whoever recorded it"),
        (changed("authority", "resolution", decided_on="2026-08-31"), "DENY_COUNCIL_EXPIRED"),
        (changed("authority", "approved", content="00" * 32), "DENY_CONTENT_CHANGED"),
        (changed("authority", "give", actor=DIRECTOR), "DENY_OPT_IN_INVALID_CAPTURE"),
        (changed("authority", "give", capture="import"), "DENY_OPT_IN_INVALID_CAPTURE"),
        (changed("authority", "give", instruction=None), "DENY_OPT_IN_OUTSIDE_INSTRUCTION"),
        (changed("authority", "give", expires_at="2026-10-05T10:00:00.000000Z"), "DENY_OPT_IN_EXPIRED"),
        (changed("authority", "give", contact="ee" * 16), "DENY_CONTACT_PROVENANCE"),
        (changed("authority", "give", contact_version=2), "DENY_CONTACT_CHANGED"),
        (changed("authority", "give", event=OTHER), "it names the consent"),
        (changed("vendor", "propose", expires_at="2026-10-05T10:00:00.000000Z"), "DENY_MESSAGE_EXPIRED"),
        (changed("vendor", "propose", not_before="2026-10-05T10:00:00.000001Z"), "HOLD_NOT_BEFORE"),
        (changed("vendor", "propose", content="00" * 32), "DENY_CONTENT_CHANGED"),
        (changed("dispatch", "decide", instruction=OTHER), "it names the instruction"),
        (changed("dispatch", "decide", resolution=None), "it names the resolution"),
        (changed("dispatch", "decide", approval=6), "it names the approval"),
        (changed("dispatch", "decide", verdict="DENY"), "verdict does not follow"),
        (changed("dispatch", "decide", codes=["DENY_MINOR"]), "verdict does not follow"),
        (
            changed(
                "dispatch", "decide", verdict="DENY", code="DENY_OPT_IN_WITHDRAWN", codes=["DENY_OPT_IN_WITHDRAWN"]
            ),
            "DENY_OPT_IN_WITHDRAWN",
        ),
        (changed("dispatch", "decide", campaign=None), "an offer of no campaign"),
        (with_leaf("dispatch", decision("06T10:00:00")), "this message had ended"),
        (with_leaf("dispatch", decision("06T10:00:00", envelope=OTHER)), "DENY_DUPLICATE"),
        (lambda s: s["dispatch"].insert(0, act("cancelled", "05T09:00:00", envelopes=[ENVELOPE])), "had ended"),
    ],
)
def test_what_does_not_follow_is_named(streams: Streams, change: Callable[[Streams], None], complaint: str) -> None:
    change(streams)
    lines = forged(SCHOOL, streams)
    verify(lines)  # the hashes fit: only what the leaves say is wrong

    with pytest.raises(DoesNotFollow, match=complaint):
        replay(lines)


def test_a_kill_switch_that_crossed_the_decision_may_have_come_too_late(streams: Streams) -> None:
    late = copy.deepcopy(streams)
    late["vendor"].append(act("kill_switch", "05T09:59:50", scope="platform", key="", on=True))

    assert replay(forged(SCHOOL, late)) == {"ALLOW": 1}


def test_a_denial_that_names_what_the_ledger_holds_follows(streams: Streams) -> None:
    streams["authority"].append(word("withdraw", "05T09:00:00"))
    streams["dispatch"] = [
        decision(
            "05T10:00:00",
            verdict="DENY",
            code="DENY_MINOR",
            codes=["DENY_MINOR", "DENY_OPT_IN_WITHDRAWN"],
            consent=OTHER,
        )
    ]

    assert replay(forged(SCHOOL, streams)) == {"DENY": 1, "DENY_MINOR": 1, "DENY_OPT_IN_WITHDRAWN": 1}


def test_the_ledgers_of_lived_stories_follow() -> None:
    figures = proof.prove(seed=3, seconds=20, quick=True).figures

    assert int(figures["allowed"]) >= proof.QUICK_STORIES
