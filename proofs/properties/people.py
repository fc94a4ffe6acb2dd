"""What happens to people and their addresses: they join, change, are merged, erased and restored."""

import base64
from uuid import UUID

from opt_in.gate import school as acts
from proofs.properties.gates import Registered
from proofs.properties.records import Contact, Person, School, Word
from proofs.properties.story import NOTHING, Args, Draw, act
from proofs.properties.world import NothingThere, World


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


def someone(draw: Draw) -> Args:
    return {"school": draw.school(), "guardian": draw.guardian()}


def someone_there(draw: Draw) -> Args:
    return someone(draw) | {"channel": draw.channel()}


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
        someone(draw)
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


def own_contact(world: World, school: School, guardian: int, channel: str) -> tuple[Person, Contact]:
    person = world.known_guardian(school, guardian)
    contact = person.contact(channel)
    if contact is None:
        raise NothingThere
    return person, contact


@act(
    "{guardian} of {school} has a new {channel} address and {verified} it.",
    weight=4,
    draw=lambda draw: someone_there(draw) | {"verified": draw.one("verifies", "verifies", "does not verify")},
)
def change_address(world: World, *, school: int, guardian: int, channel: str, verified: str) -> None:
    there = world.school(school)
    person, contact = own_contact(world, there, guardian, channel)
    contact.version += 1
    contact.address = _address(world, channel)
    contact.verified = verified == "verifies"
    put(world, there, person)


@act(
    "{guardian} of {school} gives up the {channel} contact {instead}.",
    weight=2,
    draw=lambda draw: someone_there(draw) | {"instead": draw.one("for another one", "for another one", "and has none")},
)
def replace_contact(world: World, *, school: int, guardian: int, channel: str, instead: str) -> None:
    there = world.school(school)
    person, contact = own_contact(world, there, guardian, channel)
    contact.active = False
    if instead == "for another one":
        person.contacts.append(Contact(world.new_id(), channel, _address(world, channel)))
    put(world, there, person)


@act("{school} restores an old copy of {guardian}'s {channel} contact.", weight=2, draw=someone_there)
def restore_old_contact(world: World, *, school: int, guardian: int, channel: str) -> None:
    there = world.school(school)
    person, contact = own_contact(world, there, guardian, channel)
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
    draw=lambda draw: someone(draw) | {"second": draw.guardian()},
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


@act("{school} erases {guardian}.", weight=2, draw=someone)
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


@act("{school} restores {guardian} from a backup of its own, if erased.", weight=3, draw=someone)
def restore(world: World, *, school: int, guardian: int) -> None:
    there = world.school(school)
    person = world.guardian(there, guardian)
    if person.known:
        raise NothingThere
    person.active = True
    put(world, there, person)
