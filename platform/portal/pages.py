"""A page in the reader's language; also those behind a link that leads nowhere and behind our own mistakes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request, override

from notifications.languages import LANGUAGES, known_language


def reader_language(request: HttpRequest, *preferred: str | None) -> str:
    """What the reader chose on the page, else the message's language, else the browser's, else English."""
    chosen = request.GET.get("language")
    return known_language(chosen if chosen in LANGUAGES else None, *preferred, get_language_from_request(request))


def page(
    request: HttpRequest, template: str, context: dict[str, object], *, language: str, status: int = 200
) -> HttpResponse:
    with override(language):
        return render(request, template, {**context, "language": language, "languages": LANGUAGES}, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "portal/404.html", {}, language=reader_language(request), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, "portal/500.html", {}, language=reader_language(request), status=500)
