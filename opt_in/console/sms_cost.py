"""What a text message will probably cost. The provider's bill decides."""

from dataclasses import dataclass

from babel.numbers import format_currency
from django.conf import settings
from django.utils.translation import get_language

from notifications.sms_text import SmsParts, sms_parts
from tenants.profiles.profile import profile_of
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
        amount = self.minor_units / 100
        return format_currency(amount, self.currency, locale=get_language() or "en")


@dataclass(frozen=True, slots=True)
class SmsLength:
    """How long a text is for the network, and what it would cost where its language is spoken."""

    parts: SmsParts
    estimates: tuple[Estimate, ...]


def length_of(text: str, language: str) -> SmsLength:
    # Line breaks count as one character on the way, whatever the browser sends.
    parts = sms_parts(text.replace("\r\n", "\n"))
    spoken_in = [country for country in Country if home_language(country) == language]
    estimates = tuple(_estimate(parts, country) for country in spoken_in or list(Country))
    return SmsLength(parts, estimates)


def home_language(country: str) -> str:
    """The first language of the country's profile."""
    return profile_of(country).languages[0]


def _estimate(parts: SmsParts, country: Country) -> Estimate:
    per_part, currency = settings.SMS_PRICE_PER_PART[country.value]
    return Estimate(country, parts.parts * per_part * ESTIMATED_FOR, currency)
