"""The vendor console's calls (login app_vendor): ask, stop, read numbers. Nothing here knows a person."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from opt_in.gate.calls import CursorSource, call, call_value, from_json, rows_of
from opt_in.gate.types import KillSwitch, Request, SchoolVerdict, Tally


def propose(campaign: Mapping[str, Any], *, connection: CursorSource | None = None) -> UUID:
    """Put a campaign into the inbox. The keeper judges it; a malformed one is refused there, with a reason."""
    return UUID(str(call_value("SELECT consent.propose(%s::jsonb)", [json.dumps(dict(campaign))], connection)))


def stop_campaign(campaign_id: UUID, *, connection: CursorSource | None = None) -> None:
    call("SELECT consent.stop_campaign(%s)", [campaign_id], connection)


def set_kill_switch(scope: str, key: str, is_on: bool, *, connection: CursorSource | None = None) -> None:
    """`scope`: platform (key empty), channel or campaign."""
    call("SELECT consent.set_kill_switch(%s, %s, %s)", [scope, key, is_on], connection)


def kill_switches(*, connection: CursorSource | None = None) -> list[KillSwitch]:
    """What is switched off or was once, and what waits for the keeper."""
    return rows_of(KillSwitch, "SELECT * FROM consent.kill_switches()", (), connection)


def campaigns(*, connection: CursorSource | None = None) -> list[Request]:
    rows = call("SELECT * FROM consent.campaigns()", (), connection)
    return [Request(row[0], from_json(row[1]), *row[2:]) for row in rows]


def verdicts(campaign_id: UUID, *, connection: CursorSource | None = None) -> list[SchoolVerdict]:
    """Per school, the school as a whole."""
    return rows_of(SchoolVerdict, "SELECT * FROM consent.verdicts(%s)", [campaign_id], connection)


def tallies(campaign_id: UUID, *, connection: CursorSource | None = None) -> list[Tally]:
    """Messages per school, state and code, rounded to tens, as of the keeper's last count."""
    return rows_of(Tally, "SELECT * FROM consent.tallies(%s)", [campaign_id], connection)
