"""Kill switches in the console: asked for here, turned by the keeper."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from opt_in.console.selectors.campaigns import campaigns
from opt_in.gate import vendor as gate
from opt_in.gate.types import KillSwitch
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


def test_a_switch_that_is_set_is_said_where_its_requests_stand(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    since = timezone.now()
    campaign = propose_campaign(request={"product": "plus", "channels": ["email"]})
    (found,) = [one for one in campaigns() if one.id == campaign]
    running = replace(found, handled_at=since, outcome="done")
    monkeypatch.setattr("opt_in.console.views.campaigns.campaign_called", lambda campaign_id: running)
    monkeypatch.setattr("opt_in.console.views.campaigns.campaigns", lambda: [running])

    for scope, key, is_held in (
        ("platform", "", True),
        ("channel", "email", True),
        ("channel", "sms", False),
        ("campaign", str(campaign), True),
    ):
        row = KillSwitch(scope, key, True, since, None, None)
        monkeypatch.setattr(gate, "kill_switches", lambda row=row: [row])

        assert ("Stopped by a kill switch" in olga.get(f"/campaigns/{campaign}/").content.decode()) is is_held
        assert ("held by a kill switch" in olga.get("/campaigns/").content.decode()) is is_held
