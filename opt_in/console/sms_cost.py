"""What a text message will probably cost. The provider's bill decides."""

import re
from dataclasses import dataclass

from babel.numbers import format_currency
from django.conf import settings
from django.utils.translation import get_language

from notifications.sms_text import SmsParts, sms_parts
from opt_in.console.previewing import arriving, countries_speaking
from tenants.schools.models import Country

# How many messages an estimate is given for, so that a price below a cent can be compared.
ESTIMATED_FOR = 100


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of `ESTIMATED_FOR` messages in one country, in minor units of its currency."""

    country: Country
    minor_units: int
    currency: str

    @property
    def written(self) -> str:
        written = format_currency(self.minor_units / 100, self.currency, locale=get_language() or "en")
        # CLDR's spacing of currencies that are written in letters, which Babel leaves out: PLN 27.00.
        return re.sub(r"(?<=[A-Z])(?=\d)", "\u00a0", written)


@dataclass(frozen=True, slots=True)
class SmsLength:
    """How long a message is for the network, all that is added included, and its cost where its language is spoken."""

    parts: SmsParts
    estimates: tuple[Estimate, ...]


def length_of(body: str, language: str) -> SmsLength | None:
    """None while nothing is written."""
    # A line break counts once on the way, whatever the browser sends.
    body = body.replace("\r\n", "\n").strip()
    if not body:
        return None
    arrives = arriving(channel="sms", product="", texts={language: {"body": body}}, language=language)
    parts = sms_parts(arrives.text)
    return SmsLength(parts, tuple(_estimate(parts, country) for country in countries_speaking(language)))


def _estimate(parts: SmsParts, country: Country) -> Estimate:
    per_part, currency = settings.SMS_PRICE_PER_PART[country.value]
    return Estimate(country, parts.parts * per_part * ESTIMATED_FOR, currency)
