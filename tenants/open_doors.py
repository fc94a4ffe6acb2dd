"""The ground of the doors of both houses: whoever is not logged in is asked to, or the view says why it is open."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.views import View


class OpenDoor(View):
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
    return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
