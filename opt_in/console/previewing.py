"""A text of the vendor as it would arrive: with the line that says who writes, and with the way out."""

from collections.abc import Mapping
from hashlib import sha256

from django.utils import timezone

from opt_in.console.senders import SENDERS
from opt_in.gate.canonical import canonical_bytes
from opt_in.gate.types import Content
from opt_in.selectors.previews import Preview, Reader, preview_of
from tenants.profiles.profile import profile_of
from tenants.schools.models import Country, School

PURPOSE = "vendor_offers"
Texts = Mapping[str, Mapping[str, str]]


def home_language(country: str) -> str:
    """The first language of the country's profile."""
    return profile_of(country).languages[0]


def countries_speaking(language: str) -> list[Country]:
    """Where it is the first language; everywhere for one that is the first nowhere."""
    return [country for country in Country if home_language(country) == language] or list(Country)


def arriving(*, channel: str, product: str, texts: Texts, language: str, school: School | None = None) -> Preview:
    """`school`: at which guardians would read it; without one only the country's own words are known."""
    reader = Reader(
        school_names=school.names if school else {},
        country=school.country if school else countries_speaking(language)[0].value,
        today=timezone.localdate(),
    )
    found = preview_of(_content(channel, product, texts), channel=channel, language=language, reader=reader)
    if found is None:
        raise KeyError(language)
    return found


def _content(channel: str, product: str, texts: Texts) -> Content:
    """What the keeper makes of the request: the director will see and approve these bytes."""
    sender = SENDERS[channel]
    canonical = canonical_bytes(
        {
            "purpose": PURPOSE,
            "product": product,
            "texts": {channel: {language: dict(text) for language, text in texts.items()}},
            "sender": {"id": sender.sender_id, "name": sender.name, "address": sender.address},
        }
    )
    return Content(canonical, sha256(canonical).digest())
