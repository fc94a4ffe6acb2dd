import pytest

from tenants.access import Role
from tenants.people.models import RoleAssignment, User
from tenants.people.selectors.roles import roles_of
from tenants.people.services.roles import NotEligible, NotTheDirector, appoint_council_chair
from tests.school.conftest import enter


def test_the_director_appoints_a_guardian(director: User, guardian: User) -> None:
    appoint_council_chair(director=director, chair=guardian)

    assert roles_of(guardian) == {Role.GUARDIAN, Role.CHAIR}


def test_appointing_the_same_chair_again_changes_nothing(director: User, guardian: User) -> None:
    first = appoint_council_chair(director=director, chair=guardian)

    assert appoint_council_chair(director=director, chair=guardian) == first
    assert RoleAssignment.objects.filter(role=Role.CHAIR).count() == 1


def test_staff_cannot_chair_the_parents(director: User) -> None:
    both = enter("oba", Role.GUARDIAN, Role.TEACHER)

    for person in (director, both, enter("ucenec", Role.PUPIL)):
        with pytest.raises(NotEligible):
            appoint_council_chair(director=director, chair=person)

    assert not RoleAssignment.objects.filter(role=Role.CHAIR).exists()


def test_nobody_but_the_director_appoints(teacher: User, guardian: User) -> None:
    for person in (teacher, guardian):
        with pytest.raises(NotTheDirector):
            appoint_council_chair(director=person, chair=guardian)

    assert not RoleAssignment.objects.filter(role=Role.CHAIR).exists()
