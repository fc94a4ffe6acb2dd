"""What people say: yes, no, no more, never; and what others enter in their name."""

from datetime import datetime
from uuid import UUID

from opt_in.gate import school as acts
from proofs.properties.gates import NOTICE, OLD_NOTICE
from proofs.properties.people import own_contact, someone, someone_there
from proofs.properties.records import OWN_CAPTURES, PURPOSE, Contact, School, Suppression, Word
from proofs.properties.story import RESTRICTS, act
from proofs.properties.world import DoesNotHold, World


@act(
    "{guardian} of {school} says yes to offers by {channel} ({capture}, {notice} text, {contact} address).",
    weight=8,
    draw=lambda draw: (
        someone_there(draw)
        | {
            "capture": draw.mostly("portal", "api", "mail_link", "import", "paper", "by the director", often=0.88),
            "notice": draw.mostly("present", "old", often=0.96),
            "contact": draw.mostly("present", "no", "earlier", often=0.94),
        }
    ),
)
def say_yes(world: World, *, school: int, guardian: int, channel: str, capture: str, notice: str, contact: str) -> None:
    there = world.school(school)
    person = world.known_guardian(there, guardian)
    own = person.contact(channel)
    contact_id, version = (own.id, own.version) if own is not None and contact != "no" else (None, None)
    if contact == "earlier" and version is not None:
        version -= 1
    at = world.now()
    actor = there.director if capture == "by the director" else person
    how = "portal" if capture == "by the director" else capture
    text = NOTICE if notice == "present" else OLD_NOTICE
    acts.give_consent(
        actor=actor.id,
        subject=person.id,
        purpose=PURPOSE,
        channel=channel,
        contact_id=contact_id,
        contact_version=version,
        notice_id=text,
        capture=how,
        connection=world.acting_for(there),
    )
    is_own = actor is person and how in OWN_CAPTURES
    leave = there.may_ask(channel, at)
    there.words.append(Word(person.id, channel, "give", is_own, contact_id, version, text, leave, there.year_end(at)))
    there.authority.append("give")


@act("{guardian} of {school} says no to offers by {channel}.", weight=2, draw=someone_there, nature=RESTRICTS)
def say_no(world: World, *, school: int, guardian: int, channel: str) -> None:
    there = world.school(school)
    person = world.known_guardian(there, guardian)
    acts.refuse_consent(
        actor=person.id, subject=person.id, purpose=PURPOSE, channel=channel, connection=world.acting_for(there)
    )
    note_word(there, person.id, channel, "refuse")


def note_word(school: School, subject: UUID | None, channel: str, what: str) -> None:
    assert subject is not None
    school.words.append(Word(subject, channel, what, True, None, None, None, False, None))
    school.authority.append(what)


@act("{guardian} of {school} withdraws the yes by {channel}.", weight=3, draw=someone_there, nature=RESTRICTS)
def withdraw(world: World, *, school: int, guardian: int, channel: str) -> None:
    there = world.school(school)
    person = world.known_guardian(there, guardian)
    told = acts.withdraw_consent(
        actor=person.id, subject=person.id, purpose=PURPOSE, channel=channel, connection=world.acting_for(there)
    )
    note_word(there, person.id, channel, "withdraw")
    handed = sum(
        who == person.id and by == channel and here in _campaigns_at(world, there)
        for here, who, by in world.history.handed
    )
    world.require(
        told == handed, "I6", f"the withdrawal was told {told} messages had been handed over, they are {handed}"
    )


def _campaigns_at(world: World, school: School) -> set[UUID]:
    return {one.id for one in world.history.campaigns if school.id in one.targets}


@act("{guardian} of {school} objects to all marketing.", weight=2, draw=someone, nature=RESTRICTS)
def object_to_marketing(world: World, *, school: int, guardian: int) -> None:
    there = world.school(school)
    person = world.known_guardian(there, guardian)
    acts.object_to_vendor(actor=person.id, subject=person.id, connection=world.acting_for(there))
    note_objection(world, there, person.id, person.contacts)


def note_objection(world: World, school: School, subject: UUID | None, contacts: list[Contact]) -> None:
    world.history.suppressions.append(Suppression(school.id, "objection", subject, None, None))
    for contact in contacts:
        world.history.suppressions.append(Suppression(school.id, "objection", None, None, contact.hash))
    school.authority.append("object")


@act(
    "{school} imports a list with a {reason} of {guardian}'s {channel} address.",
    weight=2,
    draw=lambda draw: someone_there(draw) | {"reason": draw.one("objection", "complaint", "stop", "bounce")},
    nature=RESTRICTS,
)
def import_suppression(world: World, *, school: int, guardian: int, channel: str, reason: str) -> None:
    there = world.school(school)
    _, contact = own_contact(world, there, guardian, channel)
    acts.add_suppression(channel=channel, address_hash=contact.hash, reason=reason, connection=world.acting_for(there))
    note_suppression(world, there, reason, channel, contact.hash)


def note_suppression(world: World, school: School, reason: str, channel: str, address: bytes) -> None:
    one = Suppression(school.id, reason, None, channel, address)
    if one not in world.history.suppressions:
        world.history.suppressions.append(one)
        school.authority.append("suppress")


def check_no_grant_but_by_a_yes(world: World, at: datetime) -> None:
    """I11: what the school can read of each person's yeses is what that person's acts made, and nothing else."""
    for school in world.history.schools:
        connection = world.acting_for(school)
        for person in school.guardians:
            found = [(one.channel, one.act) for one in acts.consents_of(person.id, connection=connection)]
            said = [(word.channel, word.act) for word in school.words if word.subject == person.id]
            if found != said:
                raise DoesNotHold("I11", f"a guardian said {said}, and the gate holds {found} ({at:%Y-%m-%d})")
