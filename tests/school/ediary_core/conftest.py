import pytest

from tenants.people.models import User
from tests.school.ediary_core.structure import Structure, build


@pytest.fixture
def structure(teacher: User, pupil: User) -> Structure:
    return build(teacher, pupil)
