"""The dispatcher, in good and bad moods, against everything that the history says about each message."""

import hashlib
from uuid import UUID

from opt_in.gate import dispatch, public
from opt_in.gate import school as acts
from opt_in.gate.codes import CODES
from opt_in.gate.types import Decision, Taken
from proofs.properties.history import verdict_for
from proofs.properties.people import put
from proofs.properties.records import Message
from proofs.properties.story import NOTHING, OTHER, RESTRICTS, TIME, act
from proofs.properties.wishes import note_suppression
from proofs.properties.world import DoesNotHold, Mail, NothingThere, Rehearsed, World

# Which invariant stands behind a rule.
_INVARIANTS = {7: "I1", 8: "I2", 9: "I3", 12: "I4", 13: "I4", 1: "I5", 2: "I5", 3: "I5", 15: "I7"}


def _asked(world: World, which: str) -> list[UUID]:
    ours = world.outbox.keys()
    if which == "due":
        found = [one.envelope_id for one in dispatch.due(1000, connection=world.login("app_dispatch"))]
        return [one for one in found if one in ours]
    waiting = sorted(message.id for message in world.waiting())
    return waiting if which == "all" else waiting[::2]


@act(
    "A dispatcher claims {which} messages; then: {mood}.",
    weight=9,
    draw=lambda draw: {
        "which": draw.mostly("due", "all", "some", often=0.5),
        "mood": draw.mostly(
            "delivers",
            "dies at once",
            "dies after taking",
            "retries",
            "bounces",
            "fails",
            "addresses change",
            often=0.6,
        ),
    },
    nature=RESTRICTS,
)
def claim(world: World, *, which: str, mood: str) -> None:
    ids = _asked(world, which)[:100]
    if not ids:
        raise NothingThere
    decisions = dispatch.claim(ids, connection=world.login("app_dispatch"))
    judge_decisions(world, ids, decisions)
    allowed = [one.envelope_id for one in decisions if one.verdict == "ALLOW"]
    world.observe()
    _check_states(world, decisions)
    deliver(world, allowed, mood)


def judge_decisions(world: World, ids: list[UUID], decisions: list[Decision]) -> None:
    """I1 to I5, I7 to I10, I12 and I13 over what was just decided; afterwards it belongs to the history."""
    asked = {one for one in ids if world.outbox[one].state == "queued"}
    got = [one.envelope_id for one in decisions]
    world.require(sorted(got) == sorted(asked), "I13", f"{len(asked)} messages were claimed, {len(got)} verdicts came")
    for decision in sorted(decisions, key=lambda one: one.envelope_id):
        message = world.outbox[decision.envelope_id]
        compare_with_rehearsal(world, message, decision)
        judge_one(world, message, decision)
        world.note_code(decision.code)
        world.figures["decisions"] += 1
        if decision.verdict == "ALLOW":
            world.allowed.add(message.id)
            if message.campaign is not None:
                world.history.handed.add((message.campaign, message.subject, message.channel))
        if decision.verdict != "HOLD":
            there = world.history.school(message.school)
            there.decided.append((message.id, decision.verdict, decision.code))


def judge_one(world: World, message: Message, decision: Decision) -> None:
    world.require(
        (decision.code is None) == (decision.verdict == "ALLOW"), "I13", f"{decision.verdict} {decision.code}"
    )
    named = {CODES[code].rule for code in decision.codes}
    forged = world.history.forged.get(message.id)
    if forged:
        held = decision.verdict == "DENY" and forged in named
        world.require(held, _INVARIANTS.get(forged, "I5"), f"a forged message got {decision.verdict} {decision.codes}")
        return
    broken = world.history.broken_rules(message, decision.decided_at, world.content)
    expected = set(broken)
    if len(broken) > 1 or len(named) > 1:
        expected.discard(15)  # of two waiting copies the second need not say so when it has other faults
        named.discard(15)
    told = f"{_of(world, message)}: {decision.verdict} {decision.codes}; its past breaks rules {broken or None}"
    if decision.verdict == "ALLOW" and broken:
        raise DoesNotHold(_INVARIANTS.get(min(broken), f"rule {min(broken)}"), told)
    missed, made_up = expected - named, named - expected
    if missed or made_up:
        rule = min(missed or made_up)
        raise DoesNotHold(_INVARIANTS.get(rule, f"rule {rule}"), told)
    world.require(decision.verdict == verdict_for(broken), "I13", told)


def _of(world: World, message: Message) -> str:
    letter = "ABC"[[one.id for one in world.history.schools].index(message.school)]
    people = [one.id for one in world.history.school(message.school).guardians]
    who = f"guardian {people.index(message.subject) + 1}" if message.subject in people else "an officer"
    offers = [one.id for one in world.history.campaigns]
    what = f"offer {offers.index(message.campaign) + 1}" if message.campaign in offers else message.kind
    return f"{what} to {who} of School {letter} by {message.channel}"


def compare_with_rehearsal(world: World, message: Message, decision: Decision) -> None:
    """The metamorphic ones: the same message was decided before, by a dispatcher that died before its commit."""
    before = world.rehearsed.get(message.id)
    if before is None or before.code == "DENY_DUPLICATE":
        return
    since = world.natures[before.acts_before :]
    here = {nature for nature, school in since if school in (None, message.school)} - {NOTHING}
    told = f"{_of(world, message)}: first {before.verdict} {before.codes}, then {decision.verdict} {decision.codes}"
    world.figures["compared decisions"] += 1
    if not here:
        elsewhere = {nature for nature, school in since if school not in (None, message.school)} - {NOTHING}
        same = (before.verdict, before.codes) == (decision.verdict, decision.codes)
        world.require(same or decision.code == "DENY_DUPLICATE", "I10" if elsewhere else "I12", told)
    elif here <= {RESTRICTS}:
        world.require(before.verdict == "ALLOW" or decision.verdict != "ALLOW", "I8", told)
    elif here <= {RESTRICTS, TIME}:
        world.require(before.verdict != "DENY" or decision.verdict != "ALLOW", "I9", told)


@act(
    "A dispatcher decides over all messages and dies before its commit.", weight=7, draw=lambda draw: {}, nature=NOTHING
)
def rehearse(world: World) -> None:
    ids = _asked(world, "all")[:100]
    if not ids:
        raise NothingThere
    connection = world.login("app_dispatch")
    with connection.transaction(force_rollback=True):
        decisions = dispatch.claim(ids, connection=connection)
    for decision in decisions:
        compare_with_rehearsal(world, world.outbox[decision.envelope_id], decision)
        world.rehearsed[decision.envelope_id] = Rehearsed(
            decision.verdict, decision.code, decision.codes, len(world.natures)
        )


def _check_states(world: World, decisions: list[Decision]) -> None:
    states = {"ALLOW": "claimed", "DENY": "denied", "HOLD": "queued"}
    for one in decisions:
        state = world.outbox[one.envelope_id].state
        world.require(state == states[one.verdict], "I13", f"{one.verdict} left the message {state}")


def deliver(world: World, allowed: list[UUID], mood: str) -> None:
    if mood == "dies at once" or not allowed:
        return
    connection = world.login("app_dispatch")
    changed = _change_addresses(world, allowed) if mood == "addresses change" else set()
    taken = dispatch.take(allowed, connection=connection)
    world.require(not dispatch.take(allowed, connection=connection), "I7", "a message was taken twice")
    world.require(
        {one.envelope_id for one in taken} == set(allowed) - changed, "I4", "what was taken is not what was allowed"
    )
    for one in taken:
        _mail(world, one)
    world.observe()
    if mood == "dies after taking":
        return
    outcome = {"retries": "retry", "bounces": "bounced", "fails": "failed"}.get(mood, "sent")
    for one in taken:
        became = dispatch.complete(one.envelope_id, outcome, connection=connection)
        if one.campaign_id is not None:
            expected = "failed" if outcome == "retry" else outcome
            world.require(became == expected, "I7", f"an offer that was to {outcome} became {became}")
        if became == "bounced":
            _note_bounce(world, one)
    world.observe()


def _mail(world: World, one: Taken) -> None:
    """A message leaves. It is what was approved, from whom it says, and under a token nobody else has."""
    there = world.history.school(one.school_id)
    if one.campaign_id is not None and one.envelope_id not in world.history.forged:
        content = dispatch.campaign_content(one.campaign_id, connection=world.login("app_dispatch"))
        digest = hashlib.sha256(content).digest()
        world.require(digest == one.content_sha256 == world.content[one.campaign_id], "I3", "another text was mailed")
        world.require(
            one.origin == "vendor" and there.register.name.casefold() not in one.sender_name.casefold(),
            "I5",
            f"an offer left from {one.sender_name}",
        )
        own = there.contact(one.subject_id, one.contact_id)
        world.require(own is not None and one.address == own.address.encode(), "I4", "an offer left to another address")
        world.figures["offers sent"] += 1
    else:
        world.figures["other messages sent"] += 1
    link = public.token_of_short_link(one.token) if one.channel == "sms" else one.token
    world.require(all(mail.token != link for mail in world.mails), "I7", "a token was given twice")
    sent = [
        m
        for m in world.mails
        if m.campaign and (m.campaign, m.subject, m.channel) == (one.campaign_id, one.subject_id, one.channel)
    ]
    world.require(not sent, "I7", "the same offer was mailed twice to the same person by the same channel")
    world.mails.append(Mail(one.envelope_id, one.school_id, one.campaign_id, one.subject_id, one.channel, link))


def _change_addresses(world: World, allowed: list[UUID]) -> set[UUID]:
    """Between claim and take somebody's address changes; the message is not for that address."""
    world.nature = OTHER
    changed: set[UUID] = set()
    message = world.outbox[allowed[0]]
    there = world.history.school(message.school)
    person, contact = there.person(message.subject), there.contact(message.subject, message.contact)
    if person is None or contact is None or not contact.active:
        return changed
    contact.version += 1
    contact.address = f"{contact.address}, later"
    put(world, there, person)
    for one in allowed:
        if (world.outbox[one].school, world.outbox[one].contact) == (there.id, contact.id):
            changed.add(one)
    return changed


def _note_bounce(world: World, one: Taken) -> None:
    there = world.history.school(one.school_id)
    contact = there.contact(one.subject_id, one.contact_id)
    if contact:
        note_suppression(world, there, "bounce", one.channel, contact.hash)


@act(
    "A provider reports a {reason} of a mail that was sent.",
    weight=2,
    draw=lambda draw: {"reason": draw.one("complaint", "stop", "bounce"), "mail": draw.rng.randrange(50)},
    nature=RESTRICTS,
)
def report(world: World, *, reason: str, mail: int) -> None:
    sent = world.mail(mail)
    there = world.history.school(sent.school)
    dispatch.report_feedback(sent.envelope, reason, connection=world.login("app_dispatch"))
    contact = there.contact(sent.subject, world.outbox[sent.envelope].contact)
    if contact:
        note_suppression(world, there, reason, sent.channel, contact.hash)


@act(
    "{school} sends {guardian} a message of its own by {channel} ({kind}).",
    weight=3,
    draw=lambda draw: {
        "school": draw.school(),
        "guardian": draw.guardian(),
        "channel": draw.channel(),
        "kind": draw.mostly("school.message", "contact.code", often=0.6),
    },
    nature=NOTHING,
)
def write_to(world: World, *, school: int, guardian: int, channel: str, kind: str) -> None:
    there = world.school(school)
    person = world.known_guardian(there, guardian)
    acts.enqueue(
        kind=kind,
        subject=person.id,
        channel=channel,
        params=b"sealed",
        content_sha256=hashlib.sha256(b"sealed").digest(),
        connection=world.acting_for(there),
    )
    world.observe()
