"""From what the gate hands out to a message that can go. Checks once more that it is what was decided about."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from notifications.channels import LOOPBACK
from notifications.channels.email import Mail
from notifications.channels.sms import Sms
from notifications.kinds import KINDS, Kind, Parameters, read_parameters
from notifications.languages import Language, in_language, known_language
from notifications.rendering import VendorText, WayOut, render, render_sms
from notifications.stop_words import stop_word_for
from opt_in.gate.dispatch import Taken
from opt_in.gate.sealing import unseal


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


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was decided about, whatever way it goes."""

    kind: Kind
    language: Language
    school: str
    parameters: Parameters
    vendor_text: VendorText | None


def _check(taken: Taken, public_url: str, content_of: Callable[[UUID], bytes]) -> _Checked:
    kind = KINDS.get(taken.kind)
    if kind is None or (kind.message_class, kind.origin) != (taken.message_class, taken.origin):
        raise NotWhatWasDecided("kind")
    # A campaign may be written in a language that we do not speak; ours are then the frame around it.
    language = known_language(taken.language)
    vendor_text, raw = None, b"{}"
    if kind.origin == "vendor":
        vendor_text = _vendor_text(taken, public_url, content_of)
    else:
        raw = _parameters(taken)
    return _Checked(kind, language, in_language(taken.school_names, language), read_parameters(kind, raw), vendor_text)


def compose_mail(taken: Taken, *, today: date, public_url: str, content_of: Callable[[UUID], bytes]) -> Mail:
    """The mail for one claim. `content_of` reads a campaign's approved bytes from the gate."""
    checked = _check(taken, public_url, content_of)
    kind, language, vendor_text = checked.kind, checked.language, checked.vendor_text
    headers = {"Auto-Submitted": "auto-generated"}
    if vendor_text is not None:
        headers = {
            "List-Unsubscribe": f"<{vendor_text.withdraw_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    content = render(
        kind=kind,
        language=language,
        school=checked.school,
        day=today,
        parameters=checked.parameters,
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


def compose_sms(
    taken: Taken,
    *,
    public_url: str,
    content_of: Callable[[UUID], bytes],
    house_sender: str,
    reply_numbers: Mapping[str, str],
) -> Sms:
    """The text message for one claim.

    An offer goes under the vendor's own name, everything else under `house_sender`. `reply_numbers` maps countries to
    the number that takes the word which stops offers; where there is none, no offer can go.
    """
    checked = _check(taken, public_url, content_of)
    if not checked.kind.goes_by_sms:
        raise NotWhatWasDecided("channel")
    sender, way_out = house_sender, None
    if checked.vendor_text is not None:
        sender = taken.sender_name
        if sender.casefold() == house_sender.casefold():
            raise NotWhatWasDecided("sender")
        if taken.country not in reply_numbers:
            raise NotWhatWasDecided("way_out")
        way_out = WayOut(stop_word_for(taken.country, checked.language), reply_numbers[taken.country])
    text = render_sms(
        kind=checked.kind,
        language=checked.language,
        school=checked.school,
        parameters=checked.parameters,
        vendor_text=checked.vendor_text,
        way_out=way_out,
    )
    return Sms(envelope_id=taken.envelope_id, to=unseal(taken.address).decode(), sender=sender, text=text)


def short_link(public_url: str, token: str) -> str:
    """The link in a text message: 22 letters for the 32 digits that such a message is given."""
    return f"{public_url}/s/{base64.urlsafe_b64encode(bytes.fromhex(token)).rstrip(b'=').decode()}"


def _parameters(taken: Taken) -> bytes:
    """Hashed as they were stored, sealed: a hash of the plain text would give away a six-digit code."""
    stored = taken.params or b""
    if hashlib.sha256(stored).digest() != taken.content_sha256:
        raise NotWhatWasDecided("parameters")
    return unseal(stored) if taken.params_sealed else stored


def _vendor_text(taken: Taken, public_url: str, content_of: Callable[[UUID], bytes]) -> VendorText:
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
    short = taken.channel == "sms"
    return VendorText(
        sender=taken.sender_name,
        subject=text.get("subject", ""),
        body=text["body"],
        allowed_on=taken.allowed_on,
        why_url=short_link(public_url, taken.token) if short else f"{public_url}/why/{taken.token}",
        # A text message is answered with a word; its page has the button as well.
        withdraw_url="" if short else f"{public_url}/w/{taken.token}",
    )
