"""A request as a guardian would get it: each channel, each language, rendered by what sends the real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from notifications.kinds import KINDS, VendorCampaign
from notifications.languages import LANGUAGES, in_language, known_language
from notifications.rendering import Rendered, VendorText, render
from notifications.sms_text import SmsParts, sms_parts
from opt_in.gate.types import Content

# In a preview nobody's token exists yet; the links stay where they are.
NO_LINK = "#"


@dataclass(frozen=True, slots=True)
class Preview:
    """One text of the request. `mail` only for e-mail, `sms` only for text messages."""

    channel: str
    language: str
    sender: str
    address: str
    subject: str
    body: str
    mail: Rendered | None
    sms: SmsParts | None

    @property
    def language_name(self) -> str:
        return language_name(self.language)


def language_name(language: str) -> str:
    """In its own words; a language that we do not speak by its code."""
    return next((name for code, name in LANGUAGES.items() if code == language), language)


def languages_of(content: Content, channel: str) -> Sequence[str]:
    return sorted(content.parsed["texts"].get(channel, {}))


def preview_of(
    content: Content, *, channel: str, language: str, school_names: Mapping[str, str], today: date
) -> Preview | None:
    """None when the request holds no such text. `today` stands where the day of the school's yes will stand."""
    parsed: dict[str, Any] = content.parsed
    text = parsed["texts"].get(channel, {}).get(language)
    if text is None:
        return None
    sender, subject, body = parsed["sender"]["name"] or "", text.get("subject") or "", text["body"]
    mail = None
    if channel == "email":
        spoken = known_language(language)
        mail = render(
            kind=KINDS["vendor.campaign"],
            language=spoken,
            school=in_language(dict(school_names), spoken),
            day=today,
            parameters=VendorCampaign(),
            vendor_text=VendorText(sender, subject, body, today, NO_LINK, NO_LINK),
        )
    return Preview(
        channel=channel,
        language=language,
        sender=sender,
        address=parsed["sender"]["address"] or "",
        subject=subject,
        body=body,
        mail=mail,
        sms=sms_parts(body) if channel == "sms" else None,
    )
