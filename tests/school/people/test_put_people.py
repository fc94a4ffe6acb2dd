from dataclasses import replace

import pytest

from tenants.access import Role
from tenants.backend.current import connection
from tenants.identity import new_id
from tenants.people.models import Channel, ContactPoint, Guardianship, RoleAssignment, User
from tenants.people.services.people import (
    ContactRecord,
    GuardianshipRecord,
    PersonRecord,
    PutPeople,
    put_people,
    set_guardianships,
)
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School
from tests.school.conftest import enter

pytestmark = pytest.mark.usefixtures("school")


def person(**changes: object) -> PersonRecord:
    plain = PersonRecord(
        id=new_id(),
        sourced_id="g-1",
        username="gaja.novak",
        given_name="Gaja",
        middle_name="",
        family_name="Novak",
        roles=frozenset({Role.GUARDIAN}),
        language="sl",
        contacts=(ContactRecord(channel=Channel.EMAIL, address="Gaja@Family.example"),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_people_are_created_with_roles_and_contacts() -> None:
    gaja = person()

    put = put_people(people=[gaja])

    assert put == PutPeople(created=1, changed=0, unchanged=0)
    assert User.objects.get(pk=gaja.id).full_name == "Gaja Novak"
    assert list(RoleAssignment.objects.values_list("role", "until")) == [("guardian", None)]
    contact = ContactPoint.objects.get()
    assert (contact.version, contact.verified_at, contact.provenance) == (1, None, "roster")
    assert b"amily" not in bytes(contact.sealed)


def test_putting_the_same_people_again_changes_nothing() -> None:
    gaja = person()
    put_people(people=[gaja])
    before = rows()

    put = put_people(people=[gaja])

    assert put == PutPeople(created=0, changed=0, unchanged=1)
    assert rows() == before


def test_a_new_roster_address_is_a_new_version_and_not_verified() -> None:
    gaja = person()
    put_people(people=[gaja])
    ContactPoint.objects.update(verified_at="2026-09-01T00:00Z")

    put_people(people=[replace(gaja, contacts=(ContactRecord(channel=Channel.EMAIL, address="new@family.example"),))])

    contact = ContactPoint.objects.get()
    assert (contact.version, contact.verified_at, contact.is_active) == (2, None, True)


def test_a_contact_that_the_roster_drops_and_brings_back_is_not_verified_again_by_that() -> None:
    gaja = person()
    put_people(people=[gaja])
    ContactPoint.objects.update(verified_at="2026-09-01T00:00Z")

    put_people(people=[replace(gaja, contacts=())])
    dropped = ContactPoint.objects.get()
    put_people(people=[gaja])
    back = ContactPoint.objects.get()

    assert not dropped.is_active
    assert (back.is_active, back.version, back.verified_at) == (True, 2, None)


def test_a_role_that_the_roster_drops_ends_and_stays_in_the_history() -> None:
    gaja = person(roles=frozenset({Role.GUARDIAN, Role.TEACHER}))
    put_people(people=[gaja])

    put_people(people=[replace(gaja, roles=frozenset({Role.GUARDIAN}))])

    open_roles = RoleAssignment.objects.filter(until=None).values_list("role", flat=True)
    assert list(open_roles) == ["guardian"]
    assert RoleAssignment.objects.count() == 2


@pytest.mark.parametrize("role", [Role.CHAIR, Role.INSPECTOR])
def test_a_roster_cannot_appoint(role: Role) -> None:
    with pytest.raises(ValueError, match="cannot appoint"):
        put_people(people=[person(roles=frozenset({role}))])

    assert User.objects.count() == 0


def test_a_roster_cannot_end_an_appointment(director: User, guardian: User) -> None:
    appoint_council_chair(director=director, chair=guardian)

    put_people(people=[as_record(guardian, roles=frozenset({Role.GUARDIAN}))])

    assert RoleAssignment.objects.filter(user=guardian, role=Role.CHAIR, until=None).exists()


def test_a_failure_in_the_middle_leaves_nothing_behind() -> None:
    good, bad = person(), person(id=new_id(), sourced_id="g-2", username="Not A User Name")

    with pytest.raises(Exception, match="user_username_plain"):
        put_people(people=[good, bad])

    assert rows() == ([], [], [])


def test_nobody_who_was_put_can_log_in_without_a_password_of_their_own() -> None:
    put_people(people=[person()])

    assert not User.objects.get().has_usable_password()


def test_a_pupil_has_exactly_the_guardians_that_are_named() -> None:
    mother, father, child = enter("mati", Role.GUARDIAN), enter("oce", Role.GUARDIAN), enter("otrok", Role.PUPIL)
    first = [GuardianshipRecord(guardian_id=mother.id, pupil_id=child.id)]
    second = [GuardianshipRecord(guardian_id=father.id, pupil_id=child.id)]

    changed = [set_guardianships(links=links, pupil_ids=[child.id]) for links in (first, first, second)]

    assert changed == [1, 0, 2]
    active = Guardianship.objects.filter(is_active=True).values_list("guardian_id", flat=True)
    assert list(active) == [father.id]


def test_the_school_of_a_person_is_the_only_one_that_knows_them(school: School, stranger: User) -> None:
    assert connection.schema_name == school.schema_name
    assert not User.objects.filter(pk=stranger.pk).exists()


def as_record(user: User, *, roles: frozenset[Role]) -> PersonRecord:
    return person(
        id=user.id,
        sourced_id=user.sourced_id,
        username=user.username,
        given_name=user.given_name,
        family_name=user.family_name,
        roles=roles,
        contacts=(),
    )


def rows() -> tuple[list[object], list[object], list[object]]:
    return (
        list(User.objects.order_by("id").values()),
        list(RoleAssignment.objects.order_by("id").values()),
        list(ContactPoint.objects.order_by("id").values("id", "version", "address_hash", "is_active", "verified_at")),
    )


def test_a_name_is_written_in_the_order_of_the_country(school: School) -> None:
    person = User(given_name="Олена", middle_name="Іванівна", family_name="Коваль")

    school.country = "UA"
    ukrainian = person.full_name
    school.country = "SI"

    assert ukrainian == "Коваль Олена Іванівна"
    assert person.full_name == "Олена Коваль"
