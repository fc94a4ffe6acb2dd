"""Every route of the console: for operators, or open with a reason. Nobody else gets further than the login."""

import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.health import health
from opt_in.gate import vendor as gate
from opt_in.services.campaigns import propose_campaign
from tenants.operators.doors import OpenDoor, OperatorDoor

# Views that are no doors, by name and reason: a machine asks for health, without a login.
NO_DOORS = {health}

OK, FOUND, NOT_HERE, NOT_THIS_WAY = 200, 302, 404, 405


def campaign() -> dict[str, object]:
    return {"campaign_id": propose_campaign(request={"product": "plus"})}


def sms() -> dict[str, object]:
    return {"channel": "sms"}


def platform_off() -> dict[str, object]:
    return {"scope": "platform", "key": "all", "turn": "off"}


def a_session() -> dict[str, object]:
    return {"session_id": "0" * 32}


def nothing() -> dict[str, object]:
    return {}


# Route → what reverse needs, and what an operator gets for GET and for POST.
ROUTES: dict[str, tuple[Callable[[], dict[str, object]], int, int]] = {
    "home": (nothing, OK, NOT_THIS_WAY),
    "campaigns": (nothing, OK, NOT_THIS_WAY),
    "campaign": (campaign, OK, NOT_THIS_WAY),
    "campaign-stop": (campaign, NOT_THIS_WAY, FOUND),
    "campaign-new": (nothing, OK, NOT_THIS_WAY),
    "campaign-write": (sms, OK, OK),
    "campaign-look": (sms, FOUND, FOUND),
    "mail-of-draft": (lambda: {"language": "sl"}, NOT_HERE, NOT_THIS_WAY),
    "campaign-drop": (sms, NOT_THIS_WAY, FOUND),
    "sms-length": (nothing, NOT_THIS_WAY, NOT_HERE),
    "switches": (nothing, OK, NOT_THIS_WAY),
    "switch": (platform_off, NOT_THIS_WAY, FOUND),
    "account": (nothing, OK, NOT_THIS_WAY),
    "language": (nothing, NOT_THIS_WAY, NOT_HERE),
    "sessions": (nothing, OK, NOT_THIS_WAY),
    "session-end": (a_session, NOT_THIS_WAY, NOT_HERE),
    "sessions-end": (nothing, NOT_THIS_WAY, FOUND),
}
# Route → what anybody gets for GET and for POST.
OPEN = {"login": (OK, OK), "logout": (NOT_THIS_WAY, FOUND), "health": (OK, OK)}


def patterns() -> list[URLPattern]:
    def walk(found: list[URLPattern | URLResolver]) -> list[URLPattern]:
        return [
            pattern for one in found for pattern in (walk(one.url_patterns) if isinstance(one, URLResolver) else [one])
        ]

    return walk(get_resolver("config.urls_vendor").url_patterns)


def test_every_route_is_in_the_table() -> None:
    assert {pattern.name for pattern in patterns()} == {*ROUTES, *OPEN}


def test_every_view_is_a_door_or_says_why_not() -> None:
    for pattern in patterns():
        door = getattr(pattern.callback, "view_class", None)
        is_door = door is not None and issubclass(door, (OperatorDoor, OpenDoor))
        assert pattern.callback in NO_DOORS or is_door, pattern.name
        assert (door is not None and issubclass(door, OpenDoor)) == (pattern.name in OPEN and pattern.name != "health")


def test_an_open_door_cannot_be_defined_without_a_reason() -> None:
    with pytest.raises(ImproperlyConfigured, match="why it is open"):
        type("Careless", (OpenDoor,), {})


@pytest.mark.parametrize("route", ROUTES)
def test_an_operator_gets_what_the_table_says(olga: Client, route: str) -> None:
    of, get, post = ROUTES[route]
    path = reverse(route, kwargs=of())

    assert olga.get(path).status_code == get
    assert olga.post(path).status_code == post


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_is_asked_to_log_in_and_changes_nothing(nobody: Client, route: str) -> None:
    path = reverse(route, kwargs=ROUTES[route][0]())
    before = everything()

    page, act = nobody.get(path), nobody.post(path)
    partial = nobody.get(path, headers={"HX-Request": "true"})

    assert (page.status_code, page["Location"].partition("?")[0]) == (FOUND, "/login")
    assert act.status_code == 401
    assert "/login?next=%2F" in act.content.decode()
    assert (partial.status_code, partial["HX-Refresh"]) == (401, "true")
    assert everything() == before


@pytest.mark.parametrize("route", OPEN)
def test_what_is_open_answers_anybody(nobody: Client, route: str) -> None:
    get, post = OPEN[route]

    assert nobody.get(reverse(route)).status_code == get
    assert nobody.post(reverse(route)).status_code == post


def test_a_form_without_its_token_is_refused(operator: Any) -> None:
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    client.force_login(operator)

    answer = client.post("/switches/platform/all/on")

    assert answer.status_code == 403
    assert gate.kill_switches() == []


def test_what_is_larger_than_any_form_is_not_read(nobody: Client) -> None:
    answer = nobody.post("/login", {}, CONTENT_LENGTH=str(4 * 1024 * 1024))

    assert answer.status_code == 413
    assert "<h1>" in answer.content.decode()


def test_an_unknown_address_leads_to_a_page_that_helps(olga: Client) -> None:
    answer = olga.get("/nowhere/")

    assert answer.status_code == 404
    assert "<h1>" in answer.content.decode()


def test_no_page_is_kept_by_the_browser_and_none_loads_from_elsewhere(olga: Client) -> None:
    page = olga.get("/")

    assert page["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "style=" not in page.content.decode()
    assert "http://" not in page.content.decode().replace("http://www.w3.org", "")


def everything() -> tuple[list[UUID], list[object]]:
    return [one.campaign_id for one in gate.campaigns()], [*gate.kill_switches()]


def test_the_console_loads_nothing_of_a_schools_people(db: None) -> None:
    assert patterns()

    schools = (
        "tenants.people",
        "tenants.backend",
        "tenants.doors",
        "ediary_core",
        "tenants.onboarding",
        "django_tenants",
    )
    assert [name for name in sys.modules if name.startswith(schools)] == []
