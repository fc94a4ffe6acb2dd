"""One cast for all tests of a school: a director, a teacher, a guardian, a pupil, two schools and a stranger."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.surroundings import become, prepare_database, provision

become("school")

if TYPE_CHECKING:
    from django.test import Client

    from tenants.access import Role
    from tenants.people.models import User
    from tenants.schools.models import School


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Two schools, once per session; each test is a transaction that is rolled back."""
    prepare_database()
    provision("os-reka", "sl=OŠ Reka", country="SI")
    provision("sp-brzozowa", "pl=SP Brzozowa", country="PL")


@pytest.fixture
def os_reka(db: None) -> "School":
    """The school as a record; the connection is in no school yet."""
    from tenants.schools.models import School

    return School.objects.get(subdomain="os-reka")


@pytest.fixture
def sp_brzozowa(db: None) -> "School":
    from tenants.schools.models import School

    return School.objects.get(subdomain="sp-brzozowa")


@pytest.fixture
def school(os_reka: "School") -> Iterator["School"]:
    """The test happens inside OŠ Reka."""
    from django_tenants.utils import tenant_context

    with tenant_context(os_reka):
        yield os_reka


def enter(username: str, *roles: "Role", language: str = "sl", email: str | None = None) -> "User":
    """Put one person into the present school, as a roster would."""
    from tenants.identity import new_id
    from tenants.people.models import Channel, User
    from tenants.people.services.people import ContactRecord, PersonRecord, put_people

    person = PersonRecord(
        id=new_id(),
        sourced_id=f"roster-{username}",
        username=username,
        given_name=username.title(),
        middle_name="",
        family_name="Novak",
        roles=frozenset(roles),
        language=language,
        contacts=(ContactRecord(channel=Channel.EMAIL, address=email),) if email else (),
    )
    put_people(people=[person])
    return User.objects.get(pk=person.id)


@pytest.fixture
def director(school: "School") -> "User":
    from tenants.access import Role

    return enter("darja", Role.DIRECTOR, email="darja@os-reka.example")


@pytest.fixture
def teacher(school: "School") -> "User":
    from tenants.access import Role

    return enter("tomaz", Role.TEACHER, email="tomaz@os-reka.example")


@pytest.fixture
def pupil(school: "School") -> "User":
    from tenants.access import Role

    return enter("pia", Role.PUPIL)


@pytest.fixture
def guardian(pupil: "User") -> "User":
    """Pia's mother."""
    from tenants.access import Role
    from tenants.people.services.people import GuardianshipRecord, set_guardianships

    mother = enter("gaja", Role.GUARDIAN, email="gaja@family.example")
    set_guardianships(links=[GuardianshipRecord(guardian_id=mother.id, pupil_id=pupil.id)], pupil_ids=[pupil.id])
    return mother


@pytest.fixture
def stranger(sp_brzozowa: "School") -> "User":
    """A guardian of the other school."""
    from django_tenants.utils import tenant_context

    from tenants.access import Role

    with tenant_context(sp_brzozowa):
        return enter("stanislaw", Role.GUARDIAN, language="pl", email="stanislaw@family.example")


@pytest.fixture
def browser(os_reka: "School") -> "Client":
    """A browser that visits OŠ Reka."""
    from django.test import Client

    return Client(SERVER_NAME="os-reka.localhost")
