"""What the vendor reads of its own switches: how they stand, and what still waits for the keeper."""

import pytest

from opt_in.gate import vendor
from opt_in.gate.errors import GateRefused
from opt_in.gate.types import KillSwitch

from .world import Gate, Offer


def switch(gate: Gate, scope: str, key: str) -> KillSwitch | None:
    found = vendor.kill_switches(connection=gate.session("app_vendor"))
    return next((one for one in found if (one.scope, one.key) == (scope, key)), None)


def test_a_switch_is_shown_as_asked_for_until_the_keeper_has_turned_it(gate: Gate) -> None:
    session = gate.session("app_vendor")
    vendor.set_kill_switch("channel", "push", True, connection=session)
    waiting = switch(gate, "channel", "push")

    gate.judge()
    turned = switch(gate, "channel", "push")
    vendor.set_kill_switch("channel", "push", False, connection=session)
    turning_back = switch(gate, "channel", "push")
    gate.judge()

    assert waiting is not None
    assert (waiting.is_on, waiting.changed_at, waiting.asked_on) == (False, None, True)
    assert turned is not None
    assert (turned.is_on, turned.asked_on, turned.asked_at) == (True, None, None)
    assert turning_back is not None
    assert (turning_back.is_on, turning_back.asked_on) == (True, False)
    back = switch(gate, "channel", "push")
    assert back is not None
    assert (back.is_on, back.asked_on) == (False, None)


def test_of_several_requests_the_newest_is_shown(gate: Gate) -> None:
    session = gate.session("app_vendor")
    for is_on in (True, False, True):
        vendor.set_kill_switch("channel", "in_app", is_on, connection=session)
    asked = switch(gate, "channel", "in_app")
    vendor.set_kill_switch("channel", "in_app", False, connection=session)
    gate.judge()

    assert asked is not None
    assert asked.asked_on is True


def test_a_stop_for_good_is_shown_while_it_waits(gate: Gate, offer: Offer) -> None:
    vendor.stop_campaign(offer.campaign, connection=gate.session("app_vendor"))
    waiting = switch(gate, "stop", str(offer.campaign))

    gate.judge()

    assert waiting is not None
    assert waiting.asked_on is True
    assert switch(gate, "stop", str(offer.campaign)) is None


@pytest.mark.parametrize("login", ["app_school", "app_public", "app_keeper", "app_dispatch", "zgoda_owner"])
def test_nobody_but_the_vendor_reads_them(gate: Gate, login: str) -> None:
    with pytest.raises(GateRefused):
        vendor.kill_switches(connection=gate.session(login))
