"""Where somebody can go: at most seven places in the rail, the rest in the menu with the person's name."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenants.access import STAFF, Action, Role, Scope
from tenants.doors import access_in
from tenants.people.models import User
from tenants.people.selectors.access import Access

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

IN_RAIL = 7
# On a phone the thumb reaches four and "More".
IN_BAR = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A place for whoever reaches its action; with `roles` only for these, and with `beside` only for people who have
    one of those roles besides."""

    route: str
    label: "StrPromise"
    icon: str
    action: Action
    roles: frozenset[Role] = frozenset(Role)
    beside: frozenset[Role] = frozenset(Role)

    def is_for(self, access: Access) -> bool:
        reaches = access.reach(self.action) is not Scope.NONE
        return reaches and bool(self.roles & access.roles) and bool(self.beside & access.roles)


# Whose start page is about the school; a guardian's is about the children.
AT_WORK = STAFF | {Role.CHAIR}

PLACES = (
    Place("home", _("Start"), "home", Action.ACCOUNT_VIEW),
    Place("lessons", _("Lessons"), "lessons", Action.LESSON_RECORD, frozenset({Role.TEACHER, Role.HOMEROOM})),
    Place("offers", _("Requests"), "request", Action.MARKETING_VIEW),
    Place("timeline", _("Timeline"), "timeline", Action.TIMELINE_VIEW),
    Place("resolutions", _("Resolutions"), "vote", Action.MARKETING_VIEW),
    Place("ledger", _("Ledger"), "ledger", Action.LEDGER_READ),
    Place("roster", _("Roster"), "people", Action.ROSTER_IMPORT),
    Place("children", _("Children"), "child", Action.ATTENDANCE_VIEW, frozenset({Role.GUARDIAN}), AT_WORK),
    Place("classes", _("Classes"), "classes", Action.CLASS_VIEW, frozenset(Role) - {Role.GUARDIAN, Role.PUPIL}),
    Place("messages", pgettext_lazy("place", "Messages"), "mail", Action.MESSAGE_VIEW),
    Place("consents", _("Consents"), "consent", Action.CONSENT_VIEW),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One place as a template shows it."""

    url: str
    label: str
    icon: str
    is_here: bool


def navigation(request: HttpRequest) -> dict[str, object]:
    """For templates: rail, bar and menu of the person, and how the last visit went."""
    person = getattr(request, "user", None)
    school = getattr(request, "school", None)
    if not isinstance(person, User) or school is None:
        return {"house": getattr(school, "name", "Zgoda")}
    links = [_link(place, request) for place in PLACES if place.is_for(access_in(request))]
    return {
        "house": school.name,
        "person": person,
        "person_name": person.full_name,
        "rail": links[:IN_RAIL],
        "bar": links[:IN_BAR],
        "more": links[IN_BAR:],
        "menu": links[IN_RAIL:],
        "last_visit": request.session.get("last_visit"),
        "failed_logins": request.session.get("failed_logins", 0),
    }


def _link(place: Place, request: HttpRequest) -> Link:
    url = reverse(place.route)
    is_here = request.path == url if place.route == "home" else request.path.startswith(url)
    return Link(url=url, label=str(place.label), icon=place.icon, is_here=is_here)
