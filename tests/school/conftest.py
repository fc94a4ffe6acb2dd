"""One cast for all tests of a school: a director, a teacher, a guardian, a pupil, two schools and a stranger."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.surroundings import become, prepare_database, provision

become("school")

from django.test import Client  # noqa: E402
from django_tenants.utils import schema_context, tenant_context  # noqa: E402

from tenants.access import Role  # noqa: E402
from tenants.backend.current import connection  # noqa: E402
from tenants.identity import new_id  # noqa: E402
from tenants.people.models import Channel, User  # noqa: E402
from tenants.people.services.people import (  # noqa: E402
    ContactRecord,
    GuardianshipRecord,
    PersonRecord,
    put_people,
    set_guardianships,
)
from tenants.schools.models import School  # noqa: E402


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Two schools, once per session; each test is a transaction that is rolled back."""
    prepare_database()
    provision("os-reka", "sl=OŠ Reka", country="SI")
    provision("sp-brzozowa", "pl=SP Brzozowa", country="PL")


def school_called(subdomain: str) -> School:
    with schema_context("public"):
        return School.objects.get(subdomain=subdomain)


@pytest.fixture
def os_reka(db: None) -> School:
    """The school as a record; the connection is in no school yet."""
    return school_called("os-reka")


@pytest.fixture
def sp_brzozowa(db: None) -> School:
    return school_called("sp-brzozowa")


@pytest.fixture
def school(os_reka: School) -> Iterator[School]:
    """The test happens inside OŠ Reka."""
    with tenant_context(os_reka):
        yield os_reka


def enter(username: str, *roles: Role, language: str = "sl", email: str | None = None) -> User:
    """Put one person into the present school, as a roster would."""
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
def director(school: School) -> User:
    return enter("darja", Role.DIRECTOR, email="darja@os-reka.example")


@pytest.fixture
def teacher(school: School) -> User:
    return enter("tomaz", Role.TEACHER, email="tomaz@os-reka.example")


@pytest.fixture
def pupil(school: School) -> User:
    return enter("pia", Role.PUPIL)


@pytest.fixture
def guardian(pupil: User) -> User:
    """Pia's mother."""
    mother = enter("gaja", Role.GUARDIAN, email="gaja@family.example")
    set_guardianships(links=[GuardianshipRecord(guardian_id=mother.id, pupil_id=pupil.id)], pupil_ids=[pupil.id])
    return mother


@pytest.fixture
def stranger(sp_brzozowa: School) -> User:
    """A guardian of the other school."""
    with tenant_context(sp_brzozowa):
        return enter("stanislaw", Role.GUARDIAN, language="pl", email="stanislaw@family.example")


class Browser(Client):
    """A browser. A request enters a school and leaves it again; the test goes on where it was."""

    def request(self, **request: Any) -> Any:
        where = connection.tenant
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(where) if where is not None else connection.set_schema_to_public()


@pytest.fixture
def browser(os_reka: School) -> Browser:
    """A browser that visits OŠ Reka."""
    return Browser(SERVER_NAME="os-reka.localhost")
