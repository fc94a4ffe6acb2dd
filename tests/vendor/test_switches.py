"""Kill switches in the console: asked for here, turned by the keeper."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from opt_in.gate import vendor as gate
from opt_in.services.campaigns import propose_campaign


def asked() -> list[tuple[str, str, bool | None]]:
    return [(one.scope, one.key, one.asked_on) for one in gate.kill_switches() if one.asked_on is not None]


@pytest.mark.parametrize(("path", "key"), [("platform/all", ("platform", "")), ("channel/sms", ("channel", "sms"))])
def test_a_switch_is_asked_for_shown_as_waiting_and_taken_back(olga: Client, path: str, key: tuple[str, str]) -> None:
    olga.post(f"/switches/{path}/on")
    page = olga.get("/switches/").content.decode()
    first = asked()
    olga.post(f"/switches/{path}/off")

    assert first == [(*key, True)]
    assert "is on its way" in page
    assert f'action="/switches/{path}/off"' in page
    assert asked() == [(*key, False)]


def test_the_toast_offers_the_way_back(olga: Client) -> None:
    page = olga.post("/switches/channel/email/on", follow=True).content.decode()

    assert page.count('action="/switches/channel/email/off"') == 2  # the toast's and the switch's own


def test_a_request_that_runs_has_a_switch_of_its_own(olga: Client) -> None:
    campaign = propose_campaign(request={"product": "plus"})
    assert f"/switches/campaign/{campaign}/on" in olga.get("/switches/").content.decode()

    olga.post(f"/switches/campaign/{campaign.hex.upper()}/on")

    assert asked() == [("campaign", str(campaign), True)]


@pytest.mark.parametrize(
    "path",
    [
        "platform/x/on",
        "platform/all/maybe",
        "channel/fax/on",
        "channel/all/on",
        "school/os-reka/on",
        "stop/all/on",
        "campaign/x/on",
        f"campaign/{uuid4()}/on",
        f"campaign/{UUID(int=0)}/off",
    ],
)
def test_a_switch_that_does_not_exist_is_not_there(olga: Client, path: str) -> None:
    assert olga.post(f"/switches/{path}").status_code == 404
    assert asked() == []
