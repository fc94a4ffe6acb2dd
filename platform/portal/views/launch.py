"""The director's two acts before and at the opening: who chairs the Parents' Council, and going live."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from ediary_core.selectors.homerooms import homerooms_of
from ediary_core.selectors.register_order import in_register_order
from opt_in.gate.errors import GateConflict
from portal.forms.launch import Appointment, GuardianSearch
from tenants.access import Action
from tenants.doors import Door
from tenants.people.models import User
from tenants.people.selectors.guardianships import wards_of_each
from tenants.people.selectors.launch import chair_now, could_chair, launch_of
from tenants.people.services.roles import NotEligible, appoint_council_chair
from tenants.schools.models import Stage
from tenants.schools.services.lifecycle import go_live

# More than these are not read through; a further word of the name finds the one that was meant.
MOST_SHOWN = 20


class AppointChair(Door):
    """Search for a guardian, then appoint one of those found."""

    action = Action.CHAIR_APPOINT

    def get(self, request: HttpRequest) -> HttpResponse:
        form = GuardianSearch(request.GET) if "q" in request.GET else GuardianSearch()
        is_searched = form.is_bound and form.is_valid()
        found = could_chair(form.cleaned_data["q"], country=self.school.country) if is_searched else []
        shown = in_register_order(found, language=self.school.languages[0])[:MOST_SHOWN]
        context = {
            "form": form,
            "found": shown,
            "rows": _with_children(shown),
            "has_more": len(found) > len(shown),
            "is_searched": is_searched,
            "chair": chair_now(),
        }
        return self.page("portal/appoint_chair.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = Appointment(request.POST)
        person = User.objects.filter(pk=form.cleaned_data["person"]).first() if form.is_valid() else None
        if person is None:
            raise Http404
        try:
            appoint_council_chair(director=self.person, chair=person)
        except NotEligible:
            messages.error(request, _("The chair must be an active guardian who does not work at the school."))
            return redirect("appoint-chair")
        messages.success(
            request, _("%(name)s now chairs the Parents' Council in this e-diary.") % {"name": person.full_name}
        )
        return redirect("home")


def _with_children(guardians: Sequence[User]) -> list[tuple[User, str]]:
    """Two guardians may have one name; their children and the children's classes tell them apart."""
    wards = wards_of_each(guardians)
    pupils = {pupil.pk: pupil for children in wards.values() for pupil in children}
    classes = homerooms_of(pupils=list(pupils.values()), on=timezone.localdate())
    return [
        (person, ", ".join(f"{pupil.full_name} {classes.get(pupil.pk, '')}".strip() for pupil in wards[person.pk]))
        for person in guardians
    ]


class GoLive(Door):
    action = Action.SCHOOL_GO_LIVE

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"launch": launch_of(self.person), "is_live": self.school.stage == Stage.LIVE}
        return self.page("portal/go_live.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not launch_of(self.person).is_ready:
            messages.error(request, _("There is nobody to open for yet. Please import pupils and guardians first."))
            return redirect("go-live")
        try:
            go_live(school=self.school, director_id=self.person.id)
        except GateConflict:
            messages.info(request, _("The school is open already."))
            return redirect("home")
        messages.success(request, _("The school is open. Guardians can log in from now on."))
        return redirect("home")
