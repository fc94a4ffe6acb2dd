"""What every template knows."""

from django.http import HttpRequest
from django.utils.translation import get_language

# In their own words: a person who landed in the wrong language must recognise the right one.
LANGUAGES = {"sl": "slovenščina", "pl": "polski", "uk": "українська", "en": "English"}


def languages(_request: HttpRequest) -> dict[str, object]:
    return {"language": get_language() or "en", "languages": LANGUAGES}
