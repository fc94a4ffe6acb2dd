"""The public site's calls (login app_public): a person is known by the token of one message."""

import hashlib
from datetime import datetime
from typing import Any

from opt_in.gate.calls import CursorSource, call_value, from_json


def token_of_short_link(digits: str) -> str:
    """The token that the 32 hexadecimal digits of a text message's link stand for."""
    return hashlib.sha256(digits.encode()).hexdigest()


def withdraw_by_token(token: str, *, connection: CursorSource | None = None) -> datetime:
    """Withdraw the consent under which this message came; returns since when. Twice is harmless."""
    at: datetime = call_value("SELECT consent.withdraw_by_token(%s)", [token], connection)
    return at


def object_by_token(token: str, *, connection: CursorSource | None = None) -> datetime:
    """No more marketing of this vendor to any address of this person, at any school; returns since when."""
    at: datetime = call_value("SELECT consent.object_by_token(%s)", [token], connection)
    return at


def explain_by_token(token: str, *, connection: CursorSource | None = None) -> dict[str, Any]:
    """Who asked, who allowed it, what was checked, and the receipt. No name, no address, no text."""
    explained: dict[str, Any] = from_json(call_value("SELECT consent.explain_by_token(%s)", [token], connection))
    return explained


def put_provider_event(*, fingerprint: bytes, sealed: bytes, connection: CursorSource | None = None) -> bool:
    """Keep for the dispatcher what a provider told us, sealed; False: no room now. The same fingerprint counts once."""
    return bool(call_value("SELECT consent.put_provider_event(%s, %s)", [fingerprint, sealed], connection))
