"""Doors: class-based views that name their action, or say why they need none; one that does neither is an error."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from tenants.access import Action, Scope
from tenants.open_doors import Doorway, OpenDoor, asked_to_log_in
from tenants.people.models import User
from tenants.people.selectors.access import Access, access_of
from tenants.schools.models import School

__all__ = ["Door", "OpenDoor", "access_in"]


def access_in(request: HttpRequest) -> Access:
    """The visitor's access, read once per request. Only for a visitor who is logged in."""
    known: Access | None = getattr(request, "access", None)
    if known is None:
        assert isinstance(request.user, User)  # noqa: S101
        known = access_of(request.user)
        request.access = known  # type: ignore[attr-defined]
    return known


class Door(Doorway):
    """A view behind one action of the matrix. `self.reach` is how far the visitor may go; NONE never gets in."""

    action: ClassVar[Action]
    abstract_door = True
    reach: Scope = Scope.NONE

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("abstract_door", False):
            return
        if not isinstance(getattr(cls, "action", None), Action):
            raise ImproperlyConfigured(f"{cls.__qualname__} names no action of tenants.access.")
        cls.abstract_door = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if type(self).abstract_door:
            raise ImproperlyConfigured(f"{type(self).__qualname__} is no door of its own.")
        if not isinstance(request.user, User):
            return asked_to_log_in(request)
        self.reach = self.access.reach(self.action)
        if self.reach is Scope.NONE:
            # What somebody may not do is not there for them.
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def person(self) -> User:
        """Who stands at the door."""
        assert isinstance(self.request.user, User)  # noqa: S101
        return self.request.user

    @property
    def school(self) -> School:
        school: School = self.request.school  # type: ignore[attr-defined]
        return school

    @property
    def access(self) -> Access:
        return access_in(self.request)

    def page(self, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        return render(self.request, template, dict(context or {}), status=status)
