"""Where an operator can go. The same shape as a school's navigation, so that one frame shows both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenants.operators.models import Operator

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Place:
    route: str
    label: "StrPromise"
    icon: str


PLACES = (
    Place("home", _("Schools"), "school"),
    Place("campaigns", _("Requests"), "request"),
    Place("switches", _("Kill switches"), "switch"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One place as a template shows it."""

    url: str
    label: str
    icon: str
    is_here: bool


def navigation(request: HttpRequest) -> dict[str, object]:
    """For templates: rail and bar of the operator, and how the last visit went."""
    operator = getattr(request, "user", None)
    if not isinstance(operator, Operator):
        return {"house": _("Zgoda, vendor console"), "house_of": "vendor"}
    links = [_link(place, request) for place in PLACES]
    return {
        "house": _("Zgoda, vendor console"),
        "house_of": "vendor",
        "person": operator,
        "person_name": operator.name,
        "rail": links,
        "bar": links,
        "more": [],
        "menu": [],
        "last_visit": request.session.get("last_visit"),
        "failed_logins": request.session.get("failed_logins", 0),
    }


def _link(place: Place, request: HttpRequest) -> Link:
    url = reverse(place.route)
    is_here = request.path == url if place.route == "home" else request.path.startswith(url)
    return Link(url=url, label=str(place.label), icon=place.icon, is_here=is_here)
