"""The start page: what somebody needs first, by role (docs: pages)."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from ediary_core.views.today import Today
from opt_in.views.resolutions import Resolutions
from portal.views.director_home import director_home
from portal.views.guardian_home import guardian_home
from tenants.access import Action, Role
from tenants.doors import Door
from tenants.onboarding.views.start import SchoolTasks


class Home(Door):
    action = Action.ACCOUNT_VIEW

    def get(self, request: HttpRequest) -> HttpResponseBase:
        show = next((STARTS[role] for role in STARTS if role in self.access.roles), None)
        try:
            return show(self) if show is not None else redirect("account")
        except Http404:
            # The school took away what this page is about; whoever logs in still arrives somewhere.
            return redirect("account")


class Children(Door):
    """For whoever is a guardian besides having work to do at the school."""

    action = Action.ATTENDANCE_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        return guardian_home(self)


# Whoever has several roles begins with the one that stands first.
STARTS: dict[Role, Callable[[Door], HttpResponseBase]] = {
    Role.DIRECTOR: director_home,
    Role.DEPUTY: director_home,
    Role.HOMEROOM: lambda door: Today.as_view()(door.request),
    Role.TEACHER: lambda door: Today.as_view()(door.request),
    Role.ADMINISTRATOR: lambda door: SchoolTasks.as_view()(door.request),
    Role.SECRETARY: lambda door: SchoolTasks.as_view()(door.request),
    Role.CHAIR: lambda door: Resolutions.as_view()(door.request),
    Role.GUARDIAN: guardian_home,
    Role.PUPIL: guardian_home,
    Role.INSPECTOR: lambda _door: redirect("classes"),
}
