"""Kill switches: the vendor can always send less. What goes on again still needs both keys of the gate."""

from collections.abc import Iterable
from uuid import UUID

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from opt_in.console.selectors.campaigns import campaign_called
from opt_in.console.selectors.switches import CHANNELS, WHOLE_PLATFORM, Switch, switches
from opt_in.services.switches import ask_for_switch
from opt_in.wording import channel_name, product_name
from tenants.operators.doors import OperatorDoor

log = structlog.get_logger("zgoda.console")


class KillSwitches(OperatorDoor):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = switches()
        return self.page(
            "console/switches.html",
            {
                "platform": named([found.platform])[0],
                "channels": named(found.channels),
                "campaigns": named(found.campaigns),
            },
        )


class TurnSwitch(OperatorDoor):
    def post(self, request: HttpRequest, scope: str, key: str, turn: str) -> HttpResponse:
        if turn not in {"on", "off"} or not _is_known(scope, key):
            raise Http404
        is_on = turn == "on"
        ask_for_switch(scope=scope, key=_gates_key(scope, key), is_on=is_on)
        log.info("console.switch_asked", operator=str(self.operator.pk), kind=scope, code=key, action=turn)
        said = (
            _("The stop is on its way; it takes effect within seconds.")
            if is_on
            else _("Sending is allowed again within seconds.")
        )
        back = reverse("switch", kwargs={"scope": scope, "key": key, "turn": "off" if is_on else "on"})
        messages.success(request, said, extra_tags=f"undo:{back}")
        return redirect("switches")


def _is_known(scope: str, key: str) -> bool:
    if scope == "platform":
        return key == WHOLE_PLATFORM
    if scope == "channel":
        return key in CHANNELS
    if scope == "campaign":
        try:
            return campaign_called(UUID(key)) is not None
        except ValueError:
            return False
    return False


def _gates_key(scope: str, key: str) -> str:
    if scope == "platform":
        return ""
    return str(UUID(key)) if scope == "campaign" else key


def named(found: Iterable[Switch]) -> list[dict[str, object]]:
    """Switches as a template shows them."""
    language = get_language() or ""
    return [
        {"switch": one, "name": _name(one), "headline": one.campaign.headline(language) if one.campaign else ""}
        for one in found
    ]


def _name(switch: Switch) -> str:
    if switch.scope == "platform":
        return _("Everything")
    if switch.scope == "channel":
        return channel_name(switch.key)
    return product_name(switch.campaign.product) if switch.campaign is not None else _("this request")
