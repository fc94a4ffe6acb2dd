from collections.abc import Callable, Iterator
from secrets import token_hex

import pytest

from tests.surroundings import become

become("provision")

from tenants.backend.current import connection  # noqa: E402
from tenants.provisioning.school import NewSchool, provision_school  # noqa: E402
from tenants.schools.models import Country, Kind, School  # noqa: E402

Provision = Callable[..., School]


@pytest.fixture
def new() -> NewSchool:
    """A school that does not exist yet."""
    return NewSchool(
        subdomain=f"sola-{token_hex(4)}", names={"sl": "OŠ Lipa"}, country=Country.SLOVENIA, kind=Kind.PRIMARY
    )


@pytest.fixture
def lipa(committing: None, new: NewSchool) -> Iterator[School]:
    """A school that was provisioned for this test."""
    yield provision_school(new=new).school
    connection.set_schema_to_public()
