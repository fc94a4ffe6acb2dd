"""What happens to people: they join, move, change their address, say yes and no, are merged, erased and restored."""

import base64
from datetime import datetime
from uuid import UUID

from opt_in.gate import school as acts
from proofs.properties.gates import NOTICE, OLD_NOTICE, Registered
from proofs.properties.history import OWN_CAPTURES, PURPOSE, Contact, Person, School, Suppression, Word
from proofs.properties.story import NOTHING, RESTRICTS, Args, Draw, act
from proofs.properties.world import DoesNotHold, NothingThere, World


def _address(world: World, channel: str) -> str:
    return f"{channel} {world.new_id()}"


def put(world: World, school: School, *people: Person) -> None:
    """As the school's services do it: people and contacts in one transaction."""
    connection = world.acting_for(school)
    before = _officers(school)
    with connection.transaction():
        acts.put_subjects([_subject_row(one) for one in people], connection=connection)
        acts.put_contacts([row for one in people for row in _contact_rows(one)], connection=connection)
    for one in people:
        one.known = True
    if _officers(school) != before:
        school.authority.append("officers")


def _officers(school: School) -> set[tuple[UUID, str]]:
    found = set()
    for person in (school.director, school.chair, *school.guardians):
        if person.known and person.active:
            found |= {(person.id, role) for role in person.roles if role in ("director", "council_chair")}
    return found


def _subject_row(person: Person) -> Args:
    return {
        "subject_id": person.id,
        "roles": person.roles,
        "is_adult": person.adult,
        "is_active": person.active,
        "language": "en",
    }


def _contact_rows(person: Person) -> list[Args]:
    return [contact_row(person, one) for one in person.contacts]


def contact_row(person: Person, one: Contact) -> Args:
    return {
        "contact_id": one.id,
        "subject_id": person.id,
        "channel": one.channel,
        "version": one.version,
        "sealed": base64.b64encode(one.address.encode()).decode(),
        "address_hash": one.hash.hex(),
        "verified_at": "2026-01-01T00:00:00Z" if one.verified else None,
        "provenance": "self",
        "is_active": one.active,
    }


def appoint(world: World, register: Registered) -> None:
    director = Person(
        world.new_id(), ["director"], [Contact(world.new_id(), "email", _address(world, "email"))], known=False
    )
    chair = Person(
        world.new_id(), ["council_chair"], [Contact(world.new_id(), "email", _address(world, "email"))], known=False
    )
    school = School(register, director, chair)
    world.history.schools.append(school)
    put(world, school, director, chair)


_ELSEWHERE = "with the addresses of a guardian of School A"


def _share_addresses(world: World, there: School, contacts: list[Contact]) -> None:
    """One human being at two schools, which know nothing of each other."""
    known = world.history.schools[0]
    if there is known or len(there.guardians) >= len(known.guardians):
        return
    twin = known.guardians[len(there.guardians)]
    for contact in contacts:
        if (same := twin.contact(contact.channel)) is not None:
            contact.address = same.address


def _someone(draw: Draw) -> Args:
    return {"school": draw.school(), "guardian": draw.guardian()}


def _someone_there(draw: Draw) -> Args:
    return _someone(draw) | {"channel": draw.channel()}


@act(
    "{school} imports a guardian with {channels} ({who}).",
    weight=3,
    draw=lambda draw: {
        "school": draw.school(),
        "channels": draw.mostly(["email", "sms"], ["email"], [], often=0.9),
        "who": draw.mostly("grown up", "minor", "pupil too", "not verified", *[_ELSEWHERE] * 9, often=0.65),
    },
    nature=NOTHING,
)
def join(world: World, *, school: int, channels: list[str], who: str) -> None:
    there = world.school(school)
    roles = ["guardian", "pupil"] if who == "pupil too" else ["guardian"]
    contacts = [
        Contact(world.new_id(), channel, _address(world, channel), verified=who != "not verified")
        for channel in channels
    ]
    person = Person(world.new_id(), roles, contacts, adult=who != "minor", known=False)
    if who == _ELSEWHERE:
        _share_addresses(world, there, contacts)
    there.guardians.append(person)
    put(world, there, person)


@act(
    "{school} imports its whole roster again; {guardian} is now {change}.",
    weight=6,
    draw=lambda draw: (
        _someone(draw)
        | {"change": draw.one("the same", "the same", "gone", "back", "staff", "guardian", "a pupil too", "minor")}
    ),
)
def reimport(world: World, *, school: int, guardian: int, change: str) -> None:
    there = world.school(school)
    person = world.known_guardian(there, guardian)
    match change:
        case "gone":
            person.active = False
        case "back":
            person.active = person.adult = True
        case "staff":
            person.roles = ["staff"]
        case "guardian":
            person.roles = ["guardian"]
        case "a pupil too":
            person.roles = ["guardian", "pupil"]
        case "minor":
            person.adult = False
    put(world, there, *(one for one in there.guardians if one.known))


def _own_contact(world: World, school: School, guardian: int, channel: str) -> tuple[Person, Contact]:
    person = world.known_guardian(school, guardian)
    contact = person.contact(channel)
    if contact is None:
        raise NothingThere
    return person, contact


@act(
    "{guardian} of {school} has a new {channel} address and {verified} it.",
    weight=4,
    draw=lambda draw: _someone_there(draw) | {"verified": draw.one("verifies", "verifies", "does not verify")},
)
def change_address(world: World, *, school: int, guardian: int, channel: str, verified: str) -> None:
    there = world.school(school)
    person, contact = _own_contact(world, there, guardian, channel)
    contact.version += 1
    contact.address = _address(world, channel)
    contact.verified = verified == "verifies"
    put(world, there, person)


@act(
    "{guardian} of {school} gives up the {channel} contact {instead}.",
    weight=2,
    draw=lambda draw: (
        _someone_there(draw) | {"instead": draw.one("for another one", "for another one", "and has none")}
    ),
)
def replace_contact(world: World, *, school: int, guardian: int, channel: str, instead: str) -> None:
    there = world.school(school)
    person, contact = _own_contact(world, there, guardian, channel)
    contact.active = False
    if instead == "for another one":
        person.contacts.append(Contact(world.new_id(), channel, _address(world, channel)))
    put(world, there, person)


@act("{school} restores an old copy of {guardian}'s {channel} contact.", weight=2, draw=_someone_there)
def restore_old_contact(world: World, *, school: int, guardian: int, channel: str) -> None:
    there = world.school(school)
    person, contact = _own_contact(world, there, guardian, channel)
    old = Contact(contact.id, channel, _address(world, channel), contact.version, True)
    connection = world.acting_for(there)
    world.refused(
        "I11",
        "another address under the old version",
        lambda: acts.put_contacts([contact_row(person, old)], connection=connection),
    )


@act(
    "{school} merges {second} into {guardian}, with the address.",
    weight=2,
    draw=lambda draw: _someone(draw) | {"second": draw.guardian()},
)
def merge(world: World, *, school: int, guardian: int, second: int) -> None:
    there = world.school(school)
    kept, gone = world.known_guardian(there, guardian), world.known_guardian(there, second)
    if kept is gone:
        raise NothingThere
    gone.active = False
    for contact in gone.contacts:
        if contact.active and (mine := kept.contact(contact.channel)) is not None:
            mine.active = False
        if contact.active:
            kept.contacts.append(Contact(world.new_id(), contact.channel, contact.address, 1, contact.verified))
    put(world, there, kept, gone)


@act("{school} erases {guardian}.", weight=2, draw=_someone)
def erase(world: World, *, school: int, guardian: int) -> None:
    there = world.school(school)
    person = world.known_guardian(there, guardian)
    acts.erase_subject(subject=person.id, connection=world.acting_for(there))
    person.known = False
    for channel in ("email", "sms"):
        last = there.last_word(person.id, channel)
        if last is not None and last.act == "give":
            there.words.append(Word(person.id, channel, "withdraw", True, None, None, None, False, None))
            there.authority.append("withdraw")
    there.authority.append("erase")


@act("{school} restores {guardian} from a backup of its own, if erased.", weight=3, draw=_someone)
def restore(world: World, *, school: int, guardian: int) -> None:
    there = world.school(school)
    person = world.guardian(there, guardian)
    if person.known:
        raise NothingThere
    person.active = True
    put(world, there, person)


@act(
    "{guardian} of {school} says yes to offers by {channel} ({capture}, {notice} text, {contact} address).",
    weight=8,
    draw=lambda draw: (
        _someone_there(draw)
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


@act("{guardian} of {school} says no to offers by {channel}.", weight=2, draw=_someone_there, nature=RESTRICTS)
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


@act("{guardian} of {school} withdraws the yes by {channel}.", weight=3, draw=_someone_there, nature=RESTRICTS)
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


@act("{guardian} of {school} objects to all marketing.", weight=2, draw=_someone, nature=RESTRICTS)
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
    draw=lambda draw: _someone_there(draw) | {"reason": draw.one("objection", "complaint", "stop", "bounce")},
    nature=RESTRICTS,
)
def import_suppression(world: World, *, school: int, guardian: int, channel: str, reason: str) -> None:
    there = world.school(school)
    _, contact = _own_contact(world, there, guardian, channel)
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
