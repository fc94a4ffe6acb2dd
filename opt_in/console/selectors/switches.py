"""The kill switches as an operator sees them: how each stands, and what is on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opt_in.console.selectors.campaigns import Campaign, campaigns
from opt_in.gate import vendor as gate
from opt_in.gate.types import KillSwitch

CHANNELS = ("email", "sms", "in_app", "push")
# Stands in an address where the gate's key is empty.
WHOLE_PLATFORM = "all"


@dataclass(frozen=True, slots=True)
class Switch:
    """`is_on`: nothing goes out here. `asked_on` is what the keeper has not done yet."""

    scope: str
    key: str
    is_on: bool
    changed_at: datetime | None
    asked_on: bool | None
    asked_at: datetime | None
    campaign: Campaign | None = None

    @property
    def turns_to(self) -> str:
        """What pressing would ask for: the opposite of what is wanted at present."""
        wanted = self.is_on if self.asked_on is None else self.asked_on
        return "off" if wanted else "on"

    @property
    def is_waiting(self) -> bool:
        return self.asked_on is not None


@dataclass(frozen=True, slots=True)
class Switches:
    platform: Switch
    channels: Sequence[Switch]
    campaigns: Sequence[Switch]


def switches() -> Switches:
    known = {(one.scope, one.key): one for one in gate.kill_switches()}
    may_send = [one for one in campaigns() if one.state in ("waiting", "running")]
    return Switches(
        platform=_switch(known, "platform", ""),
        channels=[_switch(known, "channel", channel) for channel in CHANNELS],
        campaigns=[_switch(known, "campaign", str(one.id), one) for one in may_send],
    )


def set_switches() -> list[Switch]:
    """All that stop something at present."""
    return [_switch({(one.scope, one.key): one}, one.scope, one.key) for one in gate.kill_switches() if one.is_on]


def switches_holding(campaign: Campaign, found: Sequence[Switch]) -> list[Switch]:
    """Those of them that hold this request back."""
    concerned = {("platform", WHOLE_PLATFORM), ("campaign", str(campaign.id))}
    concerned |= {("channel", channel) for channel in campaign.channels}
    return [one for one in found if (one.scope, one.key) in concerned]


def switches_holding_channel(channel: str) -> list[Switch]:
    concerned = {("platform", WHOLE_PLATFORM), ("channel", channel)}
    return [one for one in set_switches() if (one.scope, one.key) in concerned]


def is_being_stopped(campaign_id: UUID) -> bool:
    """Whether a stop for good waits for the keeper."""
    return any((one.scope, one.key) == ("stop", str(campaign_id)) for one in gate.kill_switches())


def _switch(known: dict[tuple[str, str], KillSwitch], scope: str, key: str, campaign: Campaign | None = None) -> Switch:
    found = known.get((scope, key))
    if found is None:
        return Switch(scope, key or WHOLE_PLATFORM, False, None, None, None, campaign)
    return Switch(scope, key or WHOLE_PLATFORM, found.is_on, found.changed_at, found.asked_on, found.asked_at, campaign)
