"""Doors of the vendor console: for operators who are logged in, or open with a reason. Nothing else may be a route."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import View

from tenants.operators.models import Operator


class OperatorDoor(View):
    """A view for the vendor's staff. Whoever is not logged in as one of them is asked to."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, Operator):
            return _asked_to_log_in(request)
        return super().dispatch(request, *args, **kwargs)

    @property
    def operator(self) -> Operator:
        """Who stands at the door."""
        assert isinstance(self.request.user, Operator)  # noqa: S101
        return self.request.user

    def page(self, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        return render(self.request, template, dict(context or {}), status=status)


class OpenDoor(View):
    """A view that anybody may use, and says why."""

    open_because: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not getattr(cls, "open_because", ""):
            raise ImproperlyConfigured(f"{cls.__qualname__} does not say why it is open.")


def _asked_to_log_in(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        # htmx would put the login form into the middle of the page.
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Refresh": "true"})
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
