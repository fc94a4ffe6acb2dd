"""A page in the reader's language, whoever the reader is and whatever the browser says."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, override

from notifications.languages import LANGUAGES, Language, known_language


def reader_language(request: HttpRequest, *preferred: str | None) -> Language:
    """What the reader chose on the page, else the message's language, else the browser's, else English."""
    chosen = request.GET.get("language")
    return known_language(
        *(candidate for candidate in (chosen, *preferred) if candidate in LANGUAGES),
        get_language_from_request(request),
    )


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, language: Language, status: int = 200
) -> HttpResponse:
    """Kept by no cache, found by no search, and its address told to no other site: there is a token in it."""
    # Rendered without the request: nothing here needs a cookie or a form's token, and so none is given out.
    shown = {**context, "language": language, "languages": LANGUAGES}
    with override(language):
        response = HttpResponse(render_to_string(template, shown), status=status)
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "public/not_found.html", {}, language=reader_language(request), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, "public/error.html", {}, language=reader_language(request), status=500)
