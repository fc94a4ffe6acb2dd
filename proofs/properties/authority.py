"""What a school decides: opening, authorising, the Council's resolutions, the director's approval."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from opt_in.gate import school as acts
from opt_in.gate.errors import GateConflict
from proofs.properties.records import PURPOSE, Instruction, Resolution, School
from proofs.properties.story import NOTHING, RESTRICTS, Args, Draw, act
from proofs.properties.world import NothingThere, World

PRODUCTS = ("plus", "coach")


def _school(draw: Draw) -> Args:
    return {"school": draw.school()}


@act("{school}'s director opens the diary.", weight=2, draw=_school)
def go_live(world: World, *, school: int) -> None:
    _change_stage(world, school, "live")


@act("{school}'s director suspends the school.", weight=1, draw=_school, nature=RESTRICTS)
def suspend(world: World, *, school: int) -> None:
    _change_stage(world, school, "suspended")


def _change_stage(world: World, school: int, stage: str) -> None:
    there = world.school(school)
    if there.stage == stage:
        raise NothingThere
    change = acts.go_live if stage == "live" else acts.suspend
    change(actor=there.director.id, connection=world.acting_for(there))
    there.stage = stage
    there.authority.append("stage")


@act(
    "{school}'s director authorises the vendor: {products} by {channels}, {start}, {hours}.",
    weight=4,
    draw=lambda draw: {
        "school": draw.school(),
        "products": draw.mostly(["plus", "coach"], ["plus"], ["coach"], often=0.85),
        "channels": draw.mostly(["email", "sms"], ["email"], ["sms"], ["push"], often=0.85),
        "start": draw.mostly(None, 30, 5, often=0.75),
        "hours": draw.mostly(None, 7, 100, often=0.85),
    },
)
def authorise(
    world: World, *, school: int, products: list[str], channels: list[str], start: int | None, hours: int | None
) -> None:
    there = world.school(school)
    now = world.now()
    begins = now + timedelta(hours=start) if start else None
    ends = (begins or now) + timedelta(hours=hours) if hours else None
    if begins is not None and begins >= there.year_end(now):
        raise NothingThere
    made = acts.authorise(
        actor=there.director.id,
        purposes=[PURPOSE],
        products=products,
        channels=channels,
        valid_from=begins,
        valid_to=ends,
        connection=world.acting_for(there),
    )
    last = min(ends, there.year_end(now)) if ends else there.year_end(now)
    there.instructions.append(Instruction(made, products, channels, begins or now, last))
    there.authority.append("authorise")


@act("{school}'s director revokes every instruction.", weight=2, draw=_school, nature=RESTRICTS)
def revoke(world: World, *, school: int) -> None:
    there = world.school(school)
    now = world.now()
    standing = [one for one in there.instructions if not one.revoked and one.end > now]
    connection = world.acting_for(there)
    if not standing:
        try:
            acts.revoke(actor=there.director.id, reason="enough", connection=connection)
        except GateConflict:
            return
        world.require(False, "I6", "there was nothing to revoke, and something was revoked")
    done = acts.revoke(actor=there.director.id, reason="enough", connection=connection)
    for one in standing:
        one.revoked = True
    there.authority.append("revoke")
    note_revoked(world, standing, done.handed_over)


def note_revoked(world: World, standing: list[Instruction], told: int) -> None:
    ids: set[UUID] = {one.id for one in standing}
    handed = sum(message.instruction in ids for message in world.outbox.values() if message.id in world.allowed)
    world.require(
        told == handed, "I6", f"the revocation was told {told} messages had been handed over, they are {handed}"
    )


@act(
    "{school}'s Council decides, {outcome}, {days} days from now, {products}; {recorder} records, chair: {confirmed}.",
    weight=4,
    draw=lambda draw: {
        "school": draw.school(),
        "outcome": draw.mostly("positive", "negative", often=0.75),
        "days": draw.mostly(0, -3, -400, 2, often=0.8),
        "products": draw.mostly(["plus", "coach"], ["coach"], ["plus"], often=0.85),
        "recorder": draw.mostly("the director", "the chair", often=0.8),
        "confirmed": draw.mostly("confirms", "does not confirm", often=0.85),
    },
)
def resolve(
    world: World, *, school: int, outcome: str, days: int, products: list[str], recorder: str, confirmed: str
) -> None:
    there = world.school(school)
    connection = world.acting_for(there)
    positive = outcome == "positive"
    today = world.now().astimezone(ZoneInfo(there.register.zone)).date()
    who = there.chair if recorder == "the chair" else there.director
    decided_on = today + timedelta(days=days)
    made = acts.record_resolution(
        actor=who.id,
        outcome=outcome,
        decided_on=decided_on,
        votes_for=5 if positive else 1,
        votes_against=1 if positive else 5,
        votes_abstained=1,
        purposes=[PURPOSE] if positive else [],
        products=products if positive else [],
        connection=connection,
    )
    resolution = Resolution(made, positive, decided_on, products, who.id)
    there.resolutions.append(resolution)
    there.authority.append("resolution")
    if positive and confirmed == "confirms":
        confirm_one(world, there, resolution)


def confirm_one(world: World, there: School, resolution: Resolution) -> None:
    """Two people: whoever recorded it cannot confirm it, and the director never can."""
    connection = world.acting_for(there)

    def confirm(actor: UUID) -> None:
        acts.confirm_resolution(actor=actor, resolution_id=resolution.id, connection=connection)

    world.refused("I2", "the director's confirmation", lambda: confirm(there.director.id))
    if resolution.recorder == there.chair.id:
        world.refused("I2", "a confirmation by whoever recorded it", lambda: confirm(there.chair.id))
        return
    confirm(there.chair.id)
    resolution.confirmed = True
    there.authority.append("confirm")


@act("{school}'s chair confirms what still waits.", weight=1, draw=_school)
def confirm_waiting(world: World, *, school: int) -> None:
    there = world.school(school)
    waiting = [one for one in there.resolutions if one.positive and not one.confirmed]
    if not waiting:
        raise NothingThere
    confirm_one(world, there, waiting[-1])


@act(
    "{school}'s director approves {campaign} ({seen}).",
    weight=4,
    draw=lambda draw: {
        "school": draw.school(),
        "campaign": draw.campaign(),
        "seen": draw.mostly("as it is", "another text", often=0.93),
    },
)
def approve(world: World, *, school: int, campaign: int, seen: str) -> None:
    there, offer = world.school(school), world.campaign(campaign)
    connection = world.acting_for(there)
    if there.id not in offer.targets:
        world.refused(
            "I15",
            "an approval of another school's proposal",
            lambda: acts.approve_content(
                actor=there.director.id, campaign_id=offer.id, content_sha256=bytes(32), connection=connection
            ),
        )
        return
    shown = bytes(32) if seen == "another text" else world.content[offer.id]
    acts.approve_content(actor=there.director.id, campaign_id=offer.id, content_sha256=shown, connection=connection)
    there.approvals.append((offer.id, "approved", shown))
    there.authority.append("approved")


@act(
    "{school}'s director rejects {campaign}.",
    weight=1,
    draw=lambda draw: {"school": draw.school(), "campaign": draw.campaign()},
    nature=RESTRICTS,
)
def reject(world: World, *, school: int, campaign: int) -> None:
    there, offer = world.school(school), world.campaign(campaign)
    if there.id not in offer.targets:
        raise NothingThere
    connection = world.acting_for(there)
    acts.reject_content(actor=there.director.id, campaign_id=offer.id, reason="no", connection=connection)
    there.approvals.append((offer.id, "rejected", None))
    there.authority.append("rejected")


# Settings by which a careless function might let a session say which school it is.
_PRETENCES = ("zgoda.school", "app.school", "consent.school", "zgoda.role")


@act(
    "A session of {other} names {school}'s people and claims to be {school}.",
    weight=3,
    draw=lambda draw: {"school": draw.school(), "other": draw.rng.randrange(draw.schools)},
    nature=NOTHING,
)
def pretend(world: World, *, school: int, other: int) -> None:
    """I10: no parameter and no variable makes one school's session act for another."""
    victim, stranger = world.school(school), world.school(other)
    if victim is stranger:
        raise NothingThere
    connection = world.acting_for(stranger)
    try:
        for name in _PRETENCES:
            connection.execute("SELECT set_config(%s, %s, false)", [name, victim.register.role])
        attempts = {
            "an authorisation": lambda: acts.authorise(
                actor=victim.director.id,
                purposes=[PURPOSE],
                products=["plus"],
                channels=["email"],
                connection=connection,
            ),
            "a revocation": lambda: acts.revoke(actor=victim.director.id, reason="x", connection=connection),
            "a suspension": lambda: acts.suspend(actor=victim.director.id, connection=connection),
        }
        if victim.guardians and victim.guardians[0].known:
            person = victim.guardians[0].id
            attempts["a withdrawal"] = lambda: acts.withdraw_consent(
                actor=person, subject=person, purpose=PURPOSE, channel="email", connection=connection
            )
            attempts["an erasure"] = lambda: acts.erase_subject(subject=person, connection=connection)
        for what, attempt in attempts.items():
            world.refused("I10", f"{what} at another school", attempt)
    finally:
        for name in _PRETENCES:
            connection.execute("SELECT set_config(%s, '', false)", [name])
