import pytest

from opt_in.gate.errors import GateError
from tenants.people.models import User
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import go_live, suspend
from tests.school.conftest import school_called


def test_the_director_opens_the_school_and_suspends_it_again(school: School, director: User) -> None:
    go_live(school=school, director_id=director.id)
    opened = school_called("os-reka").stage
    suspend(school=school, director_id=director.id)

    assert (opened, school_called("os-reka").stage) == (Stage.LIVE, Stage.SUSPENDED)


def test_nobody_else_opens_a_school_and_then_its_copy_says_so_too(school: School, teacher: User) -> None:
    with pytest.raises(GateError):
        go_live(school=school, director_id=teacher.id)

    assert school.stage == Stage.ONBOARDING
