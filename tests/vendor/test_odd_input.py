"""Nonsense in every address and form of the console."""

import pytest
from django.test import Client
from django.urls import reverse

from .test_doors import ROUTES

PARAMETERS = (
    "q country stage page code language next product starts_on ends_on reach countries schools subject_sl body_sl "
    "subject_en body_en body_pl body_uk username password"
)
NASTY = ["\0", "-1", "9" * 30, "1e400", "0001-01-01", "9999-12-31", "\u202e", "'; --", "%(x)s{}", "x" * 5000, "[]"]


@pytest.mark.parametrize("shift", range(0, len(NASTY), 2))
def test_nothing_that_can_be_typed_is_an_error_of_ours(olga: Client, shift: int) -> None:
    given = {name: NASTY[(place + shift) % len(NASTY)] for place, name in enumerate(PARAMETERS.split())}
    olga.raise_request_exception = False
    answers = {}
    for route, (make, _get, _post) in ROUTES.items():
        if route != "sessions-end":
            address = reverse(route, kwargs=make())
            answers[f"get {route}"] = olga.get(address, given).status_code
            answers[f"post {route}"] = olga.post(address, given).status_code

    assert {asked: status for asked, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize(
    "path",
    ["campaign/not-a-uuid/on", "campaign/00000000-0000-0000-0000-000000000000/on", "channel/fax/on", "platform//on"],
)
def test_a_switch_that_is_none_is_not_there(olga: Client, path: str) -> None:
    assert olga.post(f"/switches/{path}").status_code == 404
