"""Time, the keeper's rounds, links in mails, the operator's forgeries, and two people acting at the same moment."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg import sql

from opt_in.gate import dispatch, keeper, public
from opt_in.gate import school as acts
from opt_in.gate.errors import GateError
from opt_in.gate.types import Revocation
from proofs.properties.authority import note_revoked
from proofs.properties.dispatching import deliver, judge_decisions
from proofs.properties.history import verdict_for
from proofs.properties.story import NOTHING, OTHER, RESTRICTS, TIME, act
from proofs.properties.wishes import note_objection, note_word
from proofs.properties.world import NothingThere, World


@act("{minutes} minutes pass.", weight=5, draw=lambda draw: {"minutes": draw.one(2, 37, 371, 1907, 9041)}, nature=TIME)
def wait(world: World, *, minutes: int) -> None:
    world.wait(timedelta(minutes=minutes))


@act("The next school year begins.", weight=0, draw=lambda draw: {}, nature=TIME)
def new_year(world: World) -> None:
    now = world.now()
    september = datetime(now.year + (now.month >= 9), 9, 2, 7, 11, tzinfo=UTC)
    world.wait(september - now)


@act("The keeper sweeps.", weight=5, draw=lambda draw: {}, nature=RESTRICTS)
def sweep(world: World) -> None:
    keeper_login = world.login("app_keeper")
    before = {message.id: message for message in world.waiting()}
    for _ in range(50):
        at = world.now()
        done = keeper.sweep(1000, connection=keeper_login)
        if not any((done.cancelled, done.expired, done.leases, done.chained)):
            break
    else:
        world.require(False, "I6", "the sweeper never finds an end")
    world.observe()
    for message in list(world.outbox.values()):
        if message.campaign is None or message.id in world.history.forged:
            continue
        offer = world.history.campaign(message.campaign)
        there = world.history.school(message.school)
        if message.state == "queued":
            broken = world.history.broken_by_school(there, offer, message.channel, at, world.content)
            world.require(verdict_for(broken) != "DENY", "I6", f"after the sweep an offer waits that breaks {broken}")
            word = there.last_word(message.subject, message.channel)
            world.require(
                word is None or word.act == "give", "I6", "after the sweep an offer waits for somebody who said no"
            )
            objected = any(
                one.school == there.id and one.subject == message.subject for one in world.history.suppressions
            )
            world.require(not objected, "I6", "after the sweep an offer waits for somebody who objected")
            world.require(offer.end > at, "I6", "after the sweep an offer waits that is too late")
        elif message.id in before and message.state in ("cancelled", "expired"):
            world.note_code(message.code)
            there.closed.append(message.id)
            broken = world.history.broken_rules(message, at, world.content)
            world.require(bool(broken), "I13", f"an offer was {message.state} ({message.code}) without a reason")


@act(
    "Somebody follows a mail's link to {what}.",
    weight=4,
    draw=lambda draw: {"what": draw.one("withdraw", "withdraw", "object", "see why"), "mail": draw.rng.randrange(50)},
    nature=RESTRICTS,
)
def follow_link(world: World, *, what: str, mail: int) -> None:
    """I18: one step, whatever else has happened meanwhile; I16: to look is to change nothing."""
    sent = world.mail(mail)
    there = world.history.school(sent.school)
    login = world.login("app_public")
    if what == "see why":
        with world.reading(login) as connection:
            why = public.explain_by_token(sent.token, connection=connection)
        world.require(why["receipt"]["leaf"]["verdict"] == "ALLOW", "I13", "a mail that was sent was not allowed")
    elif what == "withdraw":
        last = there.last_word(sent.subject, sent.channel)
        public.withdraw_by_token(sent.token, connection=login)
        if last is None or last.act != "withdraw":
            note_word(there, sent.subject, sent.channel, "withdraw")
    else:
        known = any(one.school == there.id and one.subject == sent.subject for one in world.history.suppressions)
        public.object_by_token(sent.token, connection=login)
        if not known:
            person = there.person(sent.subject)
            note_objection(world, there, sent.subject, person.contacts if person else [])


_FORGERIES = {
    "of an unknown kind": (1, "kind", "vendor.surprise"),
    "as a school's service message": (1, "class", "school_service"),
    "as if the school had written it": (2, "origin", "school"),
    "with another text": (9, "content_sha256", bytes(32)),
    "once more": (0, "language", "en"),
}


@act(
    "The operator copies a waiting offer in raw SQL, {how}.",
    weight=2,
    draw=lambda draw: {"how": draw.one(*_FORGERIES, "once more")},
    nature=OTHER,
)
def forge(world: World, *, how: str) -> None:
    waiting = [one for one in world.waiting() if one.campaign and one.id not in world.history.forged]
    if not waiting:
        raise NothingThere
    rule, column, value = _FORGERIES[how]
    identity: UUID = world.new_id()
    superuser = world.gate.superuser
    columns = [
        name
        for (name,) in superuser.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'consent.envelope'::regclass AND attnum > 0"
        )
    ]
    changes = {"envelope_id": identity, column: value}
    values = [sql.Literal(changes[name]) if name in changes else sql.Identifier(name) for name in columns]
    world.history.forged[identity] = rule
    superuser.execute(
        sql.SQL("INSERT INTO consent.envelope ({}) SELECT {} FROM consent.envelope WHERE envelope_id = {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(values), waiting[0].id
        )
    )
    world.observe()


@act("{school} gets a checkpoint.", weight=1, draw=lambda draw: {"school": draw.school()}, nature=NOTHING)
def checkpoint(world: World, *, school: int) -> None:
    there = world.school(school)
    for point in keeper.make_checkpoint(there.id, connection=world.login("app_keeper")):
        there.checkpoints.append((point["origin"].rsplit("/", 1)[1], point["size"], point["root"]))
    world.observe()


@act(
    "While a dispatcher's claim at {school} is open, its director revokes.",
    weight=1,
    draw=lambda draw: {"school": draw.school()},
    nature=RESTRICTS,
)
def revoke_during_claim(world: World, *, school: int) -> None:
    """I6 between two sessions: the revocation waits for the open claim, and then knows what was handed over."""
    there = world.school(school)
    ids = [one.id for one in world.waiting() if one.school == there.id][:100]
    standing = [one for one in there.instructions if not one.revoked and one.end > world.now()]
    if not ids or not standing:
        raise NothingThere
    answers: list[Revocation] = []
    connection = world.acting_for(there)

    def revoke() -> None:
        with suppress(GateError):
            answers.append(acts.revoke(actor=there.director.id, reason="now", connection=connection))

    dispatcher = world.login("app_dispatch")
    director = threading.Thread(target=revoke)
    with dispatcher.transaction():
        decisions = dispatch.claim(ids, connection=dispatcher)
        director.start()
        director.join(0.05)
        overtook = not director.is_alive()
    director.join(10)
    world.require(not overtook, "I6", "a revocation returned while a claim was still open")
    world.require(bool(answers), "I6", "a revocation failed beside a claim")
    judge_decisions(world, ids, decisions)
    world.observe()
    for one in standing:
        one.revoked = True
    there.authority.append("revoke")
    note_revoked(world, standing, answers[0].handed_over)
    deliver(world, [one.envelope_id for one in decisions if one.verdict == "ALLOW"], "delivers")
