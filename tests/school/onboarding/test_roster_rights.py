"""A roster is no way around the matrix: who may not give a role cannot give it by a file either."""

from pathlib import Path

import pytest

from tenants.access import Action, Role, Scope
from tenants.onboarding.models import ImportState
from tenants.onboarding.services.roster import import_roster
from tenants.onboarding.services.roster_job import apply_import
from tenants.people.models import User
from tenants.people.selectors.roles import roles_of
from tenants.people.services.matrix import set_scope
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.onboarding.bundles import OS_LIPA, edited, with_cell
from tests.school.onboarding.pages import Capture, ask, page_of, read
from tests.school.visitors import Visitor

SAID = "This file makes somebody a school administrator."


@pytest.fixture
def secretary(school: School) -> Visitor:
    """The school lets its secretary bring the roster. She is known to no roster, so that none ends her."""
    import_roster(school=school, path=OS_LIPA.path)
    set_scope(action=Action.ROSTER_IMPORT, role=Role.SECRETARY, scope=Scope.SCHOOL)
    tajnica = enter("tajnica", Role.SECRETARY)
    User.objects.filter(pk=tajnica.pk).update(sourced_id=None)
    return Visitor(school, tajnica)


def test_who_may_not_give_roles_makes_no_administrator_by_a_file(
    secretary: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    teacher = User.objects.get(sourced_id="u-03")
    found = read(
        secretary, worker, edited(OS_LIPA.path, tmp_path, {"roles.csv": with_cell(4, "role", "siteAdministrator")})
    )

    assert SAID in page_of(secretary, found)
    with worker():
        assert ask(secretary, "roster-apply", found).state == ImportState.READY
    assert Role.ADMINISTRATOR not in roles_of(teacher)

    administrator = Visitor(school, User.objects.get(sourced_id="u-02"))
    assert SAID not in page_of(administrator, found)
    with worker():
        ask(administrator, "roster-apply", found)
    assert Role.ADMINISTRATOR in roles_of(teacher)


def test_nor_by_a_file_that_waits_while_another_one_is_applied(
    secretary: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    """What the waiting file would do is still known when the other one has ended."""
    harmless = read(secretary, worker, OS_LIPA.path)
    assert ask(secretary, "roster-apply", harmless).state == ImportState.APPLYING
    path = edited(OS_LIPA.path, tmp_path, {"roles.csv": with_cell(4, "role", "siteAdministrator")})
    found = read(secretary, worker, path)

    apply_import(school=school, import_id=harmless.pk)

    assert SAID in page_of(secretary, found)
    with worker():
        assert ask(secretary, "roster-apply", found).state == ImportState.READY
    assert Role.ADMINISTRATOR not in roles_of(User.objects.get(sourced_id="u-03"))


def test_nor_is_one_given_back_by_an_undo(secretary: Visitor, school: School, worker: Capture, tmp_path: Path) -> None:
    administrator, director = User.objects.get(sourced_id="u-02"), User.objects.get(sourced_id="u-01")
    path = edited(OS_LIPA.path, tmp_path, {"roles.csv": with_cell(3, "role", "counselor")})
    found = read(Visitor(school, director), worker, path)
    with worker():
        ask(Visitor(school, director), "roster-apply", found)
    assert Role.ADMINISTRATOR not in roles_of(administrator)

    with worker():
        assert ask(secretary, "roster-undo", found).state == ImportState.APPLIED
    assert "Somebody would be school administrator again." in page_of(secretary, found)
    with worker():
        ask(Visitor(school, director), "roster-undo", found)
    assert Role.ADMINISTRATOR in roles_of(administrator)


def test_that_the_council_would_lose_its_chair_is_said(
    visitor: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    import_roster(school=school, path=OS_LIPA.path)
    director = User.objects.get(sourced_id="u-01")
    appoint_council_chair(director=director, chair=User.objects.get(sourced_id="u-24"))
    notice = "The chair of the Parents&#x27; Council is not in this file."
    left = edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(16, "enabledUser", "false")})

    assert notice in page_of(visitor, read(visitor, worker, left))
    stays = edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(6, "familyName", "Zajc")})
    assert notice not in page_of(visitor, read(visitor, worker, stays))


def test_who_may_import_applies_what_leaves_the_administrators_alone(
    secretary: Visitor, worker: Capture, tmp_path: Path
) -> None:
    found = read(secretary, worker, edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(6, "familyName", "Zajc")}))

    with worker():
        ask(secretary, "roster-apply", found)

    assert User.objects.get(sourced_id="u-05").family_name == "Zajc"
