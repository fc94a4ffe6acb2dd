"""Every resource of the API, for every role, for a token of another school and for nobody: as docs/permissions.md."""

from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django_tenants.utils import tenant_context

from tenants.access import MATRIX, Action, Role, Scope
from tenants.api.door import ApiDoor
from tenants.identity import new_id
from tenants.people.models import User
from tenants.people.services.tokens import make_token
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.access import test_routes
from tests.school.access.routes.api import ROUTES
from tests.school.access.routes.cast import Cast
from tests.school.conftest import Browser, enter

everybody = test_routes.cast
# One's own means here: of the one guardian to whom the message went.
ADDRESSED = {"api-message", "api-why"}
WRITES = ("post", "put", "patch", "delete")


def resources() -> dict[str, type[ApiDoor]]:
    """Url name → door, of every resource."""
    found = {
        pattern.name: getattr(pattern.callback, "cls", None)
        for pattern in test_routes.patterns(get_resolver("config.urls_school").url_patterns)
    }
    return {str(name): door for name, door in found.items() if door is not None and issubclass(door, ApiDoor)}


def address_of(name: str, cast: Cast) -> str:
    return reverse(name, kwargs=dict(ROUTES[name](cast)) if name in ROUTES else None)


def token_of(person: User) -> dict[str, str]:
    _token, secret = make_token(person=person, token_id=new_id(), name="Test", days=1)
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
def callers(everybody: Cast, settings: Any) -> dict[Role, dict[str, str]]:
    """One caller for each role, in no hurry that the tests would have to mind."""
    settings.API_REQUESTS_PER_MINUTE = {"token": 10_000, "address": 10_000}
    return {role: token_of(person) for role, person in everybody.people.items()}


def test_a_resource_is_read_by_each_role_as_the_matrix_says(
    everybody: Cast, callers: dict[Role, dict[str, str]]
) -> None:
    for name, door in resources().items():
        address = address_of(name, everybody)
        for role, headers in callers.items():
            answer = Browser(SERVER_NAME="os-reka.localhost").get(address, headers=headers)

            there = MATRIX[door.action][role].scope is not Scope.NONE
            if name in ADDRESSED:
                there = role is Role.GUARDIAN
            assert answer.status_code == (200 if there else 404), f"{address} as {role}: {answer.content.decode()}"


def test_a_resource_is_changed_by_each_role_as_the_matrix_says(
    everybody: Cast, callers: dict[Role, dict[str, str]]
) -> None:
    """Whoever may change it is told what the request lacks; for everybody else there is nothing to change."""
    for name, door in resources().items():
        address = address_of(name, everybody)
        for (role, headers), method in product(callers.items(), WRITES):
            browser = Browser(SERVER_NAME="os-reka.localhost")
            answer = getattr(browser, method)(address, {}, content_type="application/json", headers=headers)

            where = f"{method} {address} as {role}: {answer.content.decode()}"
            if not hasattr(door, method):
                assert answer.status_code in {404, 405}, where
            elif _may_change(door.write_action, role):
                assert answer.status_code in {200, 400, 428}, where
            else:
                assert answer.status_code == 404, where


def _may_change(action: Action | None, role: Role) -> bool:
    # The director and the deputy correct the lessons that they gave themselves; this one they did not.
    elsewhere = action is Action.ATTENDANCE_RECORD and role in {Role.DIRECTOR, Role.DEPUTY}
    return action is not None and MATRIX[action][role].scope is not Scope.NONE and not elsewhere


def test_a_resource_knows_nobody_and_no_token_of_another_school(
    everybody: Cast, callers: dict[Role, dict[str, str]], sp_brzozowa: School
) -> None:
    with tenant_context(sp_brzozowa):
        mirror_stage(school=sp_brzozowa, stage=Stage.LIVE)
        foreign = token_of(enter("obca", Role.DIRECTOR))
        there = Client(SERVER_NAME="sp-brzozowa.localhost").get("/api/v1/me", headers=foreign)

    assert there.status_code == 200
    for name in resources():
        address = address_of(name, everybody)
        for headers, method in product(({}, foreign), ("get", *WRITES)):
            answer = getattr(Browser(SERVER_NAME="os-reka.localhost"), method)(address, headers=headers)
            assert answer.status_code == 401, f"{method} {address}"
