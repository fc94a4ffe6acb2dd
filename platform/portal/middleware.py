from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

# Everything comes from this host, nothing is inline, nobody may frame us and forms only come back to us.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


# For a page that shows a document of this host in a frame; that document's own policy must allow it as well.
FRAMING_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"


class ContentSecurityPolicy:
    """A view that needs another policy sets its own header, and says there why; one that frames a document of ours
    sets `frames_own_pages` on its response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = FRAMING_POLICY if getattr(response, "frames_own_pages", False) else CONTENT_SECURITY_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        return response


class KeptByNobody:
    """What one person is shown is kept by no browser and nothing on the way: after a log-out nobody leafs back to it.
    What is the same for everybody says so itself, and the API says what its validators are for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class BodyWithinBounds:
    """Refuses what is larger than any form of ours before a byte of it is read: whoever is not even logged in could
    otherwise fill the disk. The API's resources judge their own bodies and answer as programs understand; the pages
    that describe it take none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("CONTENT_LENGTH") or "0"
        is_within = given.isdecimal() and int(given[:20]) <= settings.LARGEST_BODY
        if is_within or request.path.startswith("/api/v"):
            return self.get_response(request)
        return render(request, "portal/413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class LanguageOfReader:
    """The person's language; without a login the one chosen on the page, then the browser's, then the school's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("language")
        chosen = chosen if chosen in dict(settings.LANGUAGES) else None
        language = chosen or getattr(request.user, "language", None) or _of_browser(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if chosen and not request.user.is_authenticated:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                chosen,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                samesite="Lax",
                httponly=True,
                secure=bool(getattr(settings, "SESSION_COOKIE_SECURE", False)),
            )
        return response


def _of_browser(request: HttpRequest) -> str:
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and "Accept-Language" not in request.headers:
        school = getattr(request, "school", None)
        return str(school.languages[0]) if school is not None else settings.LANGUAGE_CODE
    return translation.get_language_from_request(request)
