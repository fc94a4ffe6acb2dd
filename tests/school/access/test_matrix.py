from itertools import product

import pytest

from config.settings.base import ROOT
from tenants import permissions
from tenants.access import MATRIX, ROLES, AboveCeiling, Action, Role, Scope, require_below_ceiling, scope_for
from tenants.people.models import ScopeOverride, User
from tenants.people.selectors.access import access_of
from tenants.people.services.matrix import set_scope

CELLS = list(product(Action, Role))


def test_the_page_for_people_says_what_the_matrix_says() -> None:
    assert (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8") == permissions.render()


def test_the_matrix_has_a_cell_for_every_action_and_role() -> None:
    assert set(MATRIX) == set(Action)
    assert all(set(row) == set(Role) == set(ROLES) for row in MATRIX.values())


@pytest.mark.parametrize(("action", "role"), CELLS)
def test_no_cell_begins_above_its_ceiling(action: Action, role: Role) -> None:
    assert MATRIX[action][role].scope <= MATRIX[action][role].ceiling


@pytest.mark.parametrize("action", list(Action))
def test_nobody_without_a_role_may_do_anything(action: Action) -> None:
    assert scope_for(roles=[], action=action) is Scope.NONE


def test_only_the_director_authorises_and_only_the_chair_confirms() -> None:
    def who(action: Action) -> set[Role]:
        return {role for role in Role if MATRIX[action][role].ceiling > Scope.NONE}

    assert who(Action.MARKETING_AUTHORISE) == {Role.DIRECTOR}
    assert who(Action.MARKETING_REVOKE) == {Role.DIRECTOR}
    assert who(Action.SCHOOL_GO_LIVE) == {Role.DIRECTOR}
    assert who(Action.CHAIR_APPOINT) == {Role.DIRECTOR}
    assert who(Action.RESOLUTION_CONFIRM) == {Role.CHAIR}
    assert who(Action.CONSENT_GIVE) == {Role.GUARDIAN}


def test_the_widest_role_counts() -> None:
    assert scope_for(roles=[Role.TEACHER, Role.GUARDIAN], action=Action.PERSON_VIEW) is Scope.CHILD
    assert scope_for(roles=[Role.TEACHER, Role.DIRECTOR], action=Action.PERSON_VIEW) is Scope.SCHOOL


def test_a_school_widens_a_cell_up_to_its_ceiling(teacher: User) -> None:
    set_scope(action=Action.CLASS_VIEW, role=Role.TEACHER, scope=Scope.SCHOOL)
    wide = access_of(teacher).reach(Action.CLASS_VIEW)
    set_scope(action=Action.CLASS_VIEW, role=Role.TEACHER, scope=Scope.OWN)

    assert (wide, access_of(teacher).reach(Action.CLASS_VIEW)) == (Scope.SCHOOL, Scope.OWN)
    assert ScopeOverride.objects.count() == 0


def test_a_school_cannot_widen_a_cell_above_its_ceiling(teacher: User) -> None:
    with pytest.raises(AboveCeiling):
        set_scope(action=Action.MARKETING_AUTHORISE, role=Role.TEACHER, scope=Scope.SCHOOL)

    assert ScopeOverride.objects.count() == 0


def test_an_override_written_past_the_service_is_cut_at_the_ceiling(teacher: User) -> None:
    ScopeOverride.objects.create(action=Action.MARKETING_AUTHORISE, role=Role.TEACHER, scope=Scope.SCHOOL)
    ScopeOverride.objects.create(action="no.such_action", role=Role.TEACHER, scope=Scope.SCHOOL)

    assert access_of(teacher).reach(Action.MARKETING_AUTHORISE) is Scope.NONE


def test_an_inactive_person_reaches_nothing(teacher: User) -> None:
    teacher.is_active = False

    assert access_of(teacher).reach(Action.ACCOUNT_VIEW) is Scope.NONE


@pytest.mark.parametrize(("action", "role"), CELLS)
def test_the_ceiling_holds_in_every_cell(action: Action, role: Role) -> None:
    ceiling = MATRIX[action][role].ceiling

    for scope in Scope:
        if scope <= ceiling:
            require_below_ceiling(action=action, role=role, scope=scope)
        else:
            with pytest.raises(AboveCeiling):
                require_below_ceiling(action=action, role=role, scope=scope)
