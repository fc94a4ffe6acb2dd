"""From what the gate hands out to a mail that can go. Checks once more that it is what was decided about."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from notifications.channels.email import Mail
from notifications.kinds import KINDS, read_parameters
from notifications.languages import Language, in_language, known_language
from notifications.rendering import VendorText, render
from opt_in.gate.dispatch import Taken
from opt_in.gate.sealing import unseal

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class NotWhatWasDecided(Exception):
    """The content, kind or sender differs from what the decision was about. Never sent, never tried again."""


class UnusablePublicUrl(Exception):
    """The links in a vendor's mail would not be a working way out."""


def check_public_url(url: str) -> str:
    """One-click withdrawal is only one over HTTPS (RFC 8058); plain HTTP is for one's own machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise UnusablePublicUrl(f"ZGODA_PUBLIC_URL must begin with https://, not {url!r}.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UnusablePublicUrl(f"ZGODA_PUBLIC_URL must name the host only, not {url!r}.")
    return url.rstrip("/")


def compose_mail(taken: Taken, *, today: date, public_url: str, content_of: Callable[[UUID], bytes]) -> Mail:
    """The mail for one claim. `content_of` reads a campaign's approved bytes from the gate."""
    kind = KINDS.get(taken.kind)
    if kind is None or (kind.message_class, kind.origin) != (taken.message_class, taken.origin):
        raise NotWhatWasDecided("kind")
    # A campaign may be written in a language that we do not speak; ours are then the frame around it.
    language = known_language(taken.language)
    school = in_language(taken.school_names, language)
    vendor_text, headers = None, {"Auto-Submitted": "auto-generated"}
    raw = b"{}"
    if kind.origin == "vendor":
        vendor_text = _vendor_text(taken, language, public_url, content_of)
        headers = {
            "List-Unsubscribe": f"<{vendor_text.withdraw_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    else:
        raw = _parameters(taken)
    content = render(
        kind=kind,
        language=language,
        school=school,
        day=today,
        parameters=read_parameters(kind, raw),
        vendor_text=vendor_text,
    )
    return Mail(
        envelope_id=taken.envelope_id,
        to=unseal(taken.address).decode(),
        sender_name=taken.sender_name,
        sender_address=taken.sender_address,
        language=language,
        content=content,
        headers={**headers, "X-Zgoda-Origin": kind.origin},
    )


def _parameters(taken: Taken) -> bytes:
    """Hashed as they were stored, sealed: a hash of the plain text would give away a six-digit code."""
    stored = taken.params or b""
    if hashlib.sha256(stored).digest() != taken.content_sha256:
        raise NotWhatWasDecided("parameters")
    return unseal(stored) if taken.params_sealed else stored


def _vendor_text(taken: Taken, language: Language, public_url: str, content_of: Callable[[UUID], bytes]) -> VendorText:
    if taken.campaign_id is None or taken.allowed_on is None or not taken.token:
        raise NotWhatWasDecided("campaign")
    canonical = content_of(taken.campaign_id)
    if hashlib.sha256(canonical).digest() != taken.content_sha256:
        raise NotWhatWasDecided("content")
    content = json.loads(canonical)
    if (content["sender"]["name"], content["sender"]["address"]) != (taken.sender_name, taken.sender_address):
        raise NotWhatWasDecided("sender")
    text = content["texts"].get(taken.channel, {}).get(taken.language)
    if text is None:
        raise NotWhatWasDecided("language")
    return VendorText(
        sender=taken.sender_name,
        subject=text["subject"],
        body=text["body"],
        allowed_on=taken.allowed_on,
        why_url=f"{public_url}/why/{taken.token}",
        withdraw_url=f"{public_url}/w/{taken.token}",
    )
