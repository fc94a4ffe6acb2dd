"""Each kept roster goes into a school of its own country, made by the real command."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from config.celery import app
from tenants.access import Role
from tenants.identity import new_id
from tenants.onboarding.roster.plan import SchoolState
from tenants.people.models import User
from tenants.people.services.people import PersonRecord, put_people
from tests.school.onboarding.bundles import OS_LIPA, Kept, plan_of, school_after
from tests.school.onboarding.pages import Capture
from tests.school.visitors import Visitor
from tests.surroundings import provision

if TYPE_CHECKING:
    from tenants.schools.models import School


@pytest.fixture(scope="session")
def all_schools(django_db_setup: None) -> None:
    """os-reka and sp-brzozowa are there already."""
    provision("himnaziia-sosny", "uk=Гімназія «Сосни»", country="UA")
    provision("przedszkole-sloneczko", "pl=Przedszkole „Słoneczko”", country="PL", kind="preschool")
    provision("os-lipa", "sl=OŠ Lipa", country="SI")


@pytest.fixture
def own_school(kept: Kept, all_schools: None, db: None) -> Iterator["School"]:
    """The test happens inside the school to which the kept roster belongs."""
    from django_tenants.utils import tenant_context

    from tenants.schools.models import School

    school = School.objects.get(subdomain=kept.name)
    with tenant_context(school):
        yield school


@pytest.fixture
def lipa() -> SchoolState:
    """OŠ Lipa after its roster was imported, without a database."""
    return school_after(plan_of(OS_LIPA.path))


@pytest.fixture
def administrator(school: "School") -> User:
    """Known to no roster, so that none ends the account."""
    person = PersonRecord(
        id=new_id(),
        sourced_id=None,
        username="tajda",
        given_name="Tajda",
        middle_name="",
        family_name="Novak",
        roles=frozenset({Role.ADMINISTRATOR}),
        language="en",
    )
    put_people(people=[person])
    return User.objects.get(pk=person.id)


@pytest.fixture
def visitor(school: "School", administrator: User) -> Visitor:
    return Visitor(school, administrator)


@pytest.fixture
def worker(django_capture_on_commit_callbacks: Capture) -> Iterator[Capture]:
    """`with worker():` does the jobs that were asked for, at its end, with the tasks' own code."""
    app.conf.task_always_eager = True

    def work() -> Any:
        return django_capture_on_commit_callbacks(execute=True)

    yield work
    app.conf.task_always_eager = False
