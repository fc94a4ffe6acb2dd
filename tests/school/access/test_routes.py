"""Every route, for every role, at the own school and another one, and for nobody: as docs/permissions.md says."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_tenants.utils import tenant_context

from tenants.access import MATRIX, ROLES, Action, Role, Scope
from tenants.doors import Door
from tenants.people.models import RoleAssignment, User
from tenants.people.services.people import GuardianshipRecord, set_guardianships
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.access import routes
from tests.school.access.routes.cast import Cast, Routes
from tests.school.conftest import Browser, enter

# What ends the visit itself.
NOT_VISITED = {"logout", "sessions-end"}


def patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield pattern


def doors() -> dict[str, tuple[Action, URLPattern]]:
    """Url name → action, of every door of a school."""
    named = (pattern for pattern in patterns(get_resolver("config.urls_school").url_patterns) if pattern.name)
    views = {str(pattern.name): (getattr(pattern.callback, "view_class", None), pattern) for pattern in named}
    return {
        name: (view.action, pattern)
        for name, (view, pattern) in views.items()
        if view is not None and issubclass(view, Door) and name not in NOT_VISITED
    }


def arguments() -> Routes:
    """From the files of this folder's `routes`, one for each part of the product."""
    modules = (
        importlib.import_module(f"{routes.__name__}.{module.name}") for module in pkgutil.iter_modules(routes.__path__)
    )
    found: dict[str, object] = {}
    for module in modules:
        found |= getattr(module, "ROUTES", {})
    return found  # type: ignore[return-value]


@pytest.fixture
def cast(school: School) -> Cast:
    mirror_stage(school=school, stage=Stage.LIVE)
    people = {role: enter(role.value.replace("_", "-"), *_roster_role(role), language="en") for role in ROLES}
    for role in (Role.CHAIR, Role.INSPECTOR):
        RoleAssignment.objects.filter(user=people[role]).delete()
        RoleAssignment.objects.create(user=people[role], role=role, since="2026-09-01")
    link = GuardianshipRecord(guardian_id=people[Role.GUARDIAN].id, pupil_id=people[Role.PUPIL].id)
    set_guardianships(links=[link], pupil_ids=[people[Role.PUPIL].id])
    return Cast(school=school, people=people)


def _roster_role(role: Role) -> tuple[Role, ...]:
    return (Role.GUARDIAN,) if role in {Role.CHAIR, Role.INSPECTOR} else (role,)


def address_of(name: str, pattern: URLPattern, cast: Cast) -> str:
    if not pattern.pattern.converters:
        return reverse(name)
    return reverse(name, kwargs=dict(arguments()[name](cast)))


def as_person(person: User) -> Browser:
    browser = Browser(SERVER_NAME="os-reka.localhost")
    browser.force_login(person, backend="tenants.people.login.SchoolLogin")
    return browser


def test_every_route_with_arguments_names_them_for_this_table() -> None:
    wanted = {name for name, (_action, pattern) in doors().items() if pattern.pattern.converters}

    assert wanted - set(arguments()) == set()


@pytest.mark.parametrize("name", sorted(doors()))
def test_a_route_answers_each_role_as_the_matrix_says(cast: Cast, name: str) -> None:
    action, pattern = doors()[name]
    address = address_of(name, pattern, cast)

    for role, person in cast.people.items():
        browser = as_person(person)
        for method in ("get", "post"):
            status = getattr(browser, method)(address).status_code
            where = f"{method} {address} as {role}: {status}"
            match MATRIX[action][role].scope:
                case Scope.NONE:
                    assert status == 404, where
                case Scope.SCHOOL:
                    assert status < 500, where
                    assert method == "post" or status not in {403, 404}, where
                case _:
                    assert status < 500, where


@pytest.mark.parametrize("name", sorted(doors()))
def test_a_route_knows_nobody_and_no_session_of_another_school(cast: Cast, sp_brzozowa: School, name: str) -> None:
    address = address_of(name, doors()[name][1], cast)
    with tenant_context(sp_brzozowa):
        mirror_stage(school=sp_brzozowa, stage=Stage.LIVE)
        elsewhere = Client(SERVER_NAME="sp-brzozowa.localhost")
        elsewhere.force_login(enter("obca", Role.DIRECTOR), backend="tenants.people.login.SchoolLogin")
    stranger = Browser(SERVER_NAME="os-reka.localhost")
    stranger.cookies = elsewhere.cookies

    for visitor in (Browser(SERVER_NAME="os-reka.localhost"), stranger):
        asked = visitor.get(address)
        assert (asked.status_code, asked.headers["Location"].partition("?")[0]) == (302, "/login")
        assert visitor.post(address).status_code == 401
