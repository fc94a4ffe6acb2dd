"""The ground of the doors of both houses: whoever is not logged in is asked to, or the view says why it is open."""

from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.views import View


class Doorway(View):
    """Whoever reads an address that only takes forms gets a page: it comes into the address bar by a reload."""

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().http_method_not_allowed(request, *args, **kwargs)
        if request.method == "GET":
            answer.content = render_to_string("portal/404.html", request=request).encode()
        return answer


class OpenDoor(Doorway):
    """A view that anybody may use, and says why."""

    open_because: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not getattr(cls, "open_because", ""):
            raise ImproperlyConfigured(f"{cls.__qualname__} does not say why it is open.")


def asked_to_log_in(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        # htmx would put the login form into the middle of the page.
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Refresh": "true"})
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    # The form cannot be kept, so the way leads back to the page that it stood on, and its own address is not offered.
    way = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': _page_of_the_form(request)})}"
    shown = {"login": way, "languages": {}}
    return render(request, "portal/logged_out.html", shown, status=HTTPStatus.UNAUTHORIZED)


def _page_of_the_form(request: HttpRequest) -> str:
    came_from = urlsplit(request.headers.get("Referer", ""))
    return came_from.path if came_from.path and came_from.netloc == request.get_host() else "/"
