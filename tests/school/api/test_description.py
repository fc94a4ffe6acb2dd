"""The OpenAPI description: made without a warning, with every answer that a door gives."""

import json
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS

from portal.views.api import described
from tenants.api.problems import Kind
from tenants.schools.models import School


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    described.cache_clear()
    parsed: dict[str, Any] = json.loads(described()[0])
    return parsed


def operations(description: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in description["paths"].values() for operation in path.values()]


def test_it_is_made_without_a_warning(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert not GENERATOR_STATS


def test_every_operation_is_described_and_asks_who_calls(description: dict[str, Any]) -> None:
    for operation in operations(description):
        assert operation["description"], operation["operationId"]
        assert {"token": []} in operation["security"]
        assert {"401", "404", "406", "429"} <= operation["responses"].keys()


def test_every_error_is_a_problem(description: dict[str, Any]) -> None:
    for operation in operations(description):
        for code, answer in operation["responses"].items():
            if code >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (operation["operationId"], code)


def test_it_is_served_to_everybody_and_not_twice(os_reka: School) -> None:
    browser = Client(SERVER_NAME="os-reka.localhost")
    first = browser.get("/api/schema")

    again = browser.get("/api/schema", headers={"if-none-match": first.headers["ETag"]})

    assert first.json()["info"]["title"] == "Zgoda"
    assert first.headers["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_explains_each_kind_of_problem_under_the_strict_policy(os_reka: School) -> None:
    page = Client(SERVER_NAME="os-reka.localhost").get("/api/")

    content = page.content.decode()
    assert [kind for kind in Kind if f'id="{kind.value}"' not in content] == []
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert " style=" not in content
