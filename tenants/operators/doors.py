"""Doors of the vendor console: for operators who are logged in, or open with a reason. Nothing else may be a route."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from tenants.open_doors import Doorway, OpenDoor, asked_to_log_in
from tenants.operators.models import Operator

__all__ = ["OpenDoor", "OperatorDoor"]


class OperatorDoor(Doorway):
    """A view for the vendor's staff. Whoever is not logged in as one of them is asked to."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, Operator):
            return asked_to_log_in(request)
        return super().dispatch(request, *args, **kwargs)

    @property
    def operator(self) -> Operator:
        """Who stands at the door."""
        assert isinstance(self.request.user, Operator)  # noqa: S101
        return self.request.user

    def page(self, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        return render(self.request, template, dict(context or {}), status=status)
