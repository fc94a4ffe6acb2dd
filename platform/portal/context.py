"""What every template knows."""

from django.http import HttpRequest
from django.utils.translation import get_language

from notifications.languages import LANGUAGES


def languages(_request: HttpRequest) -> dict[str, object]:
    return {"language": get_language() or "en", "languages": LANGUAGES}
