"""What the gate knows of people changes in the transaction that changes the people, or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from django.db import transaction
from django_tenants.utils import tenant_context
from psycopg.rows import dict_row

from tenants.access import Role
from tenants.people.models import Channel, ContactPoint, Provenance, User
from tenants.people.services.contacts import SameAddress, change_contact
from tenants.people.services.people import GuardianshipRecord, put_people, set_guardianships
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.people.test_put_people import person
from tests.surroundings import provision, start_cluster


@pytest.fixture
def school(committing: None) -> Iterator[School]:
    """A school of this test's own, because here things are committed."""
    subdomain = f"sola-{token_hex(4)}"
    provision(subdomain, "sl=OŠ Preizkus", country="SI")
    school = School.objects.get(subdomain=subdomain)
    with tenant_context(school):
        yield school


def subjects(school: School) -> dict[Any, dict[str, Any]]:
    return _register("SELECT subject_id AS id, roles, is_adult, is_active, language FROM consent.subject", school)


def contacts(school: School) -> dict[Any, dict[str, Any]]:
    columns = "contact_id AS id, subject_id, version, address_hash, verified_at, provenance, is_active"
    return _register(f"SELECT {columns} FROM consent.contact", school)


def _register(query: str, school: School) -> dict[Any, dict[str, Any]]:
    with psycopg.connect(start_cluster().conninfo("bootstrap"), row_factory=dict_row) as superuser:
        rows = superuser.execute(f"{query} WHERE school_id = %s", [school.id]).fetchall()
    return {row.pop("id"): row for row in rows}


def test_a_guardian_is_one_for_the_gate_only_with_an_active_pupil(school: School) -> None:
    mother = enter("gaja", Role.GUARDIAN)
    child = person(
        id=enter("pia", Role.PUPIL).id, sourced_id="p", username="pia", roles=frozenset({Role.PUPIL}), contacts=()
    )
    alone = subjects(school)[mother.id]["roles"]

    set_guardianships(links=[GuardianshipRecord(guardian_id=mother.id, pupil_id=child.id)], pupil_ids=[child.id])
    with_child = subjects(school)[mother.id]["roles"]
    put_people(people=[replace(child, is_active=False)])
    after_child_left = subjects(school)[mother.id]["roles"]
    put_people(people=[child])
    set_guardianships(links=[], pupil_ids=[child.id])

    assert (alone, with_child, after_child_left) == ([], ["guardian"], [])
    assert subjects(school)[mother.id]["roles"] == []


def test_a_pupil_without_a_date_of_birth_is_a_minor(school: School) -> None:
    pupil, teacher = enter("pia", Role.PUPIL), enter("tomaz", Role.TEACHER)

    known = subjects(school)

    assert (known[pupil.id]["is_adult"], known[teacher.id]["is_adult"]) == (False, True)
    assert known[teacher.id]["roles"] == ["staff"]


def test_contacts_arrive_unverified_with_the_same_hash_and_version(school: School) -> None:
    put_people(people=[person()])

    ours = ContactPoint.objects.get()

    assert contacts(school) == {
        ours.id: {
            "subject_id": ours.user_id,
            "version": 1,
            "address_hash": bytes(ours.address_hash),
            "verified_at": None,
            "provenance": "roster",
            "is_active": True,
        }
    }


def test_what_is_rolled_back_here_is_rolled_back_there(school: School) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        put_people(people=[person()])
        raise ZeroDivisionError

    assert User.objects.count() == 0
    assert subjects(school) == contacts(school) == {}


def test_a_changed_contact_is_another_version_and_must_be_verified_anew(school: School) -> None:
    gaja = person()
    put_people(people=[gaja])
    user = User.objects.get()
    ContactPoint.objects.update(verified_at="2026-09-01T00:00Z")

    change_contact(person=user, channel=Channel.EMAIL, address="gaja@new.example", entered_by=Provenance.SELF)
    with pytest.raises(SameAddress):
        change_contact(person=user, channel=Channel.EMAIL, address="GAJA@new.example", entered_by=Provenance.SELF)
    put_people(people=[gaja])  # the roster still has the old address

    (known,) = contacts(school).values()
    assert (known["version"], known["verified_at"], known["provenance"]) == (2, None, "self")


def test_the_gate_learns_who_chairs_the_council_and_who_no_longer_does(school: School) -> None:
    director = enter("darja", Role.DIRECTOR)
    first, second, child = enter("gaja", Role.GUARDIAN), enter("oto", Role.GUARDIAN), enter("pia", Role.PUPIL)
    links = [GuardianshipRecord(guardian_id=guardian.id, pupil_id=child.id) for guardian in (first, second)]
    set_guardianships(links=links, pupil_ids=[child.id])

    appoint_council_chair(director=director, chair=first)
    appoint_council_chair(director=director, chair=second)

    known = subjects(school)
    assert known[director.id]["roles"] == ["director", "staff"]
    assert known[first.id]["roles"] == ["guardian"]
    assert known[second.id]["roles"] == ["council_chair", "guardian"]
