"""What the vendor does, and how the school lets it come to envelopes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from opt_in.gate import keeper, vendor
from opt_in.gate import school as acts
from opt_in.gate.canonical import content_hash
from opt_in.gate.codes import CODES
from proofs.properties.gates import NO_EXIT
from proofs.properties.history import Broken, verdict_for
from proofs.properties.records import PURPOSE, Campaign, School
from proofs.properties.story import NOTHING, OTHER, RESTRICTS, Args, Draw, act
from proofs.properties.world import NothingThere, World

_SENDERS = {"the mail sender": "zgoda-offers", "the SMS sender": "zgoda-offers-sms", "no way out": NO_EXIT}


def _proposal(draw: Draw) -> Args:
    channels = draw.mostly(["email"], ["sms"], ["email", "sms"], often=0.7)
    usual = "the SMS sender" if channels == ["sms"] else "the mail sender"
    return {
        "schools": list(range(draw.schools)) if draw.rng.random() < 0.8 else [draw.rng.randrange(draw.schools)],
        "product": draw.mostly("plus", "coach", often=0.8),
        "channels": channels,
        "sender": draw.mostly(usual, "the school", "the platform", "nobody known", "no way out", often=0.9),
        "text": draw.mostly("honest", "signed by School A", "begun as School A", "no text at all", often=0.85),
        "start": draw.mostly(None, 5, 50, often=0.88),
        "days": draw.mostly(7, 1, 700, 700, often=0.5),
    }


@act(
    "The vendor proposes {product} by {channels} to {schools}, from {sender}, {text}, {start}, for {days} days.",
    weight=4,
    draw=_proposal,
    nature=NOTHING,
)
def propose(
    world: World,
    *,
    schools: list[int],
    product: str,
    channels: list[str],
    sender: str,
    text: str,
    start: int | None,
    days: int,
) -> None:
    targets = [world.school(number) for number in schools if number < len(world.history.schools)]
    if not targets:
        raise NothingThere
    now = world.now()
    not_before = now + timedelta(hours=start) if start else None
    offer = Campaign(
        id=world.new_id(),
        product=product,
        channels=channels,
        sender=_SENDERS.get(sender)
        or {"the school": f"school:{targets[0].id}", "the platform": "platform"}.get(sender, "x"),
        imitates={world.history.schools[0].register.name} if text.endswith(" School A") else set(),
        not_before=not_before,
        end=now + timedelta(days=days),
        targets=[one.id for one in targets],
    )
    signature = " ".join(offer.imitates).upper() or "Zgoda offers"
    paragraphs = ["Try it. " * 100, signature]
    body = "\n\n".join(reversed(paragraphs) if text == "begun as School A" else paragraphs)
    ask: dict[str, Any] = {
        "campaign_id": str(offer.id),
        "sender": offer.sender,
        "purpose": PURPOSE,
        "product": product,
        "channels": channels,
        "audience": "guardians",
        "not_before": not_before.isoformat() if not_before else None,
        "expires_at": offer.end.isoformat(),
        "texts": {channel: {"en": {"subject": "More", "body": body}} for channel in channels},
        "targets": {"countries": ["PL", "SI", "UA"], "schools": [str(one) for one in offer.targets]},
    }
    if text == "no text at all":
        ask["texts"] = {}
    vendor.propose(ask, connection=world.login("app_vendor"))
    keeper.judge(100, connection=world.login("app_keeper"))
    if text == "no text at all":
        _check_refused_in_inbox(world, offer.id)
        raise NothingThere
    if sender == "the school":
        offer.imitates.add(targets[0].register.name)
    content = {
        "purpose": PURPOSE,
        "product": product,
        "texts": ask["texts"],
        "sender": _shown_sender(world, offer.sender),
    }
    world.content[offer.id] = content_hash(content)
    world.history.campaigns.append(offer)
    world.observe()


def _shown_sender(world: World, sender: str) -> dict[str, str | None]:
    """What the director's approval covers beside the texts; nobody is behind an unknown sender."""
    names = {
        "zgoda-offers": ("Zgoda offers", "offers@zgoda.example"),
        "zgoda-offers-sms": ("ZgodaOffers", "ZGODA"),
        NO_EXIT: ("Quiet offers", "quiet@zgoda.example"),
        "platform": ("Zgoda", "notices@zgoda.example"),
    } | {f"school:{one.id}": (one.register.name, "school@zgoda.example") for one in world.history.schools}
    name, address = names.get(sender, (None, None))
    return {"id": sender, "name": name, "address": address}


def _check_refused_in_inbox(world: World, campaign: UUID) -> None:
    (request,) = [one for one in vendor.campaigns(connection=world.login("app_vendor")) if one.campaign_id == campaign]
    world.require(request.outcome == "refused", "I15", "a malformed proposal was not refused")


@act("The vendor stops {campaign}.", weight=1, draw=lambda draw: {"campaign": draw.campaign()}, nature=RESTRICTS)
def stop(world: World, *, campaign: int) -> None:
    offer = world.campaign(campaign)
    if offer.stopped:
        raise NothingThere
    vendor.stop_campaign(offer.id, connection=world.login("app_vendor"))
    keeper.judge(100, connection=world.login("app_keeper"))
    offer.stopped = True


def _switch(draw: Draw) -> Args:
    return {"scope": draw.one("platform", "channel", "campaign"), "campaign": draw.campaign()}


@act(
    "The kill switch of the {scope} goes on (the campaign would be {campaign}).",
    weight=1,
    draw=_switch,
    nature=RESTRICTS,
)
def switch_on(world: World, *, scope: str, campaign: int) -> None:
    key = {"platform": "", "channel": "email"}.get(scope) if scope != "campaign" else str(world.campaign(campaign).id)
    assert key is not None
    _set_switch(world, scope, key, is_on=True)


@act("All kill switches go off.", weight=2, draw=lambda draw: {}, nature=OTHER)
def switch_off(world: World) -> None:
    if not world.history.switches:
        raise NothingThere
    for scope, key in sorted(world.history.switches):
        _set_switch(world, scope, key, is_on=False)


def _set_switch(world: World, scope: str, key: str, *, is_on: bool) -> None:
    vendor.set_kill_switch(scope, key, is_on, connection=world.login("app_vendor"))
    keeper.judge(100, connection=world.login("app_keeper"))
    world.history.switched.append((scope, key))
    (world.history.switches.add if is_on else world.history.switches.discard)((scope, key))


@act(
    "{school}'s worker expands {campaign}.",
    weight=6,
    draw=lambda draw: {"school": draw.school(), "campaign": draw.campaign()},
    nature=NOTHING,
)
def expand(world: World, *, school: int, campaign: int) -> None:
    there, offer = world.school(school), world.campaign(campaign)
    connection = world.acting_for(there)
    if there.id not in offer.targets:
        world.refused("I15", "expanding another's proposal", lambda: acts.expand(offer.id, connection=connection))
        return
    at = world.now()
    by_channel = [
        world.history.broken_by_school(there, offer, channel, at, world.content) for channel in offer.channels
    ]
    best = min((verdict_for(broken) for broken in by_channel), key=("ALLOW", "HOLD", "DENY").index)
    done = acts.expand(offer.id, connection=connection)
    world.note_code(done.code)
    world.require(
        done.verdict == best,
        "advice",
        f"the school as a whole got {done.verdict} {done.code or ''}, its past says {by_channel}",
    )
    _check_rules_named(world, done.code, by_channel)
    new = [message for message in world.observe() if message.campaign == offer.id]
    world.require(done.verdict == "ALLOW" or not new, "advice", "guardians were addressed while the school refuses")
    for message in new:
        broken = world.history.broken_rules(message, at, world.content)
        advised = "suppressed" if verdict_for(broken) == "DENY" else "queued"
        world.note_code(message.code)
        world.require(
            message.state == advised,
            "advice",
            f"an offer was {message.state} {message.code or ''} that breaks rules {broken}",
        )
    states = [message.state for message in new]
    world.require(
        (done.queued, done.suppressed) == (states.count("queued"), states.count("suppressed")),
        "advice",
        "the numbers differ",
    )
    if new:
        there.expansions += 1
    _check_everybody_addressed(world, there, offer, done.verdict)


def _check_everybody_addressed(world: World, there: School, offer: Campaign, verdict: str) -> None:
    """Nobody is left out silently: each guardian of the audience has an envelope, if only a suppressed one."""
    if verdict != "ALLOW":
        return
    addressed = {
        (m.subject, m.channel) for m in world.outbox.values() if (m.campaign, m.school) == (offer.id, there.id)
    }
    for person in there.guardians:
        if person.known and person.active and "guardian" in person.roles:
            for channel in offer.channels:
                world.require((person.id, channel) in addressed, "I13", f"a guardian got no verdict by {channel}")


def _check_rules_named(world: World, code: str | None, by_channel: list[Broken]) -> None:
    if code is not None:
        rules = {rule for broken in by_channel for rule in broken}
        world.require(CODES[code].rule in rules, "I13", f"{code} is given, and rules {sorted(rules)} are broken")


@act(
    "{school} and the vendor look at {campaign}.",
    weight=2,
    draw=lambda draw: {"school": draw.school(), "campaign": draw.campaign()},
    nature=NOTHING,
)
def look(world: World, *, school: int, campaign: int) -> None:
    there = world.school(school)
    with world.reading(world.acting_for(there)) as connection:
        proposals = acts.proposals(connection=connection)
        acts.instructions(connection=connection)
        acts.resolutions(connection=connection)
        acts.envelopes(connection=connection)
        acts.checkpoints(connection=connection)
        acts.ledger_heads(connection=connection)
        acts.waiting_campaigns(connection=connection)
    with world.reading(world.login("app_vendor")) as connection:
        vendor.campaigns(connection=connection)
        if campaign < len(world.history.campaigns):
            verdicts = vendor.verdicts(world.history.campaigns[campaign].id, connection=connection)
            targets = sorted(world.history.campaigns[campaign].targets)
            world.require(sorted(v.school_id for v in verdicts) == targets, "I15", "a target has no verdict")
    at = world.now()
    expected = {one.id for one in world.history.campaigns if there.id in one.targets}
    world.require(
        {one.campaign_id for one in proposals} == expected,
        "I15",
        "the director does not see every attempt, or another's",
    )
    for one in proposals:
        offer = world.history.campaign(one.campaign_id)
        by_channel = {c: world.history.broken_by_school(there, offer, c, at, world.content) for c in offer.channels}
        world.require(
            any(set(broken) == {CODES[code].rule for code in one.codes} for broken in by_channel.values()),
            "I13",
            f"the director is told {one.codes}, and broken are {by_channel}",
        )
