"""Pages for when something cannot be shown. Each says what happened and what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/403.html", status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection against forgery did not fit, mostly because the page was open for too long."""
    # Without the other languages: the address took a form, and would not be read.
    return render(request, "portal/stale_form.html", {"languages": {}}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request: whatever broke must not break this page as well."""
    return HttpResponse(render_to_string("portal/500.html", {"language": get_language() or "en"}), status=500)
