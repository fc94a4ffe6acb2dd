"""Each kept roster goes into a school of its own country, made by the real command."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tenants.onboarding.roster.plan import SchoolState
from tests.school.onboarding.bundles import OS_LIPA, Kept, plan_of, school_after
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
