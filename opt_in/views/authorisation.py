"""What the school allows now and allowed before, and the one button that ends it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from opt_in.forms.decisions import RevocationForm
from opt_in.gate import school as gate
from opt_in.gate.errors import GateConflict
from opt_in.selectors.authorisations import Authorisation, authorisations, opposition
from opt_in.selectors.names import names_of
from opt_in.services.instructions import revoke_marketing
from opt_in.verdicts import opposition_said
from opt_in.wording import PRODUCTS, channel_names, product_names
from tenants.access import Action, Scope
from tenants.doors import Door

# The answer to a revocation, kept for the next page; a toast would be gone too soon.
JUST_REVOKED = "just_revoked"


class ShowAuthorisation(Door):
    action = Action.MARKETING_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        found = authorisations(now=timezone.now())
        given = [one.instruction for one in found]
        names = names_of({*(one.actor for one in given), *(one.revoked_by for one in given if one.revoked_by)})
        in_force = [_shown(one, names) for one in found if one.is_in_force]
        products = {product for one in found if one.is_in_force for product in one.instruction.products}
        opposed_by = opposition(gate.resolutions(), products=products or PRODUCTS.keys())
        context = {
            "in_force": in_force,
            "history": [_shown(one, names) for one in found if not one.is_in_force],
            "opposition": opposition_said(opposed_by) if opposed_by else "",
            "just_revoked": _answer(request),
            "may_authorise": self.access.reach(Action.MARKETING_AUTHORISE) is not Scope.NONE,
            "may_revoke": self.access.reach(Action.MARKETING_REVOKE) is not Scope.NONE,
        }
        return self.page("opt_in/authorisation.html", context)


class Revoke(Door):
    """One button. Whoever opened the page has decided already, so nothing is asked twice."""

    action = Action.MARKETING_REVOKE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask(RevocationForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RevocationForm(request.POST)
        if not form.is_valid():
            return self.ask(form)
        try:
            revocation = revoke_marketing(director=self.person, reason=form.cleaned_data["reason"])
        except GateConflict:
            messages.info(request, _("There was nothing to revoke: no authorisation is in force."))
            return redirect("authorisation")
        request.session[JUST_REVOKED] = [revocation.effective_at.isoformat(), revocation.handed_over]
        return redirect("authorisation")

    def ask(self, form: RevocationForm) -> HttpResponse:
        in_force = [one for one in authorisations(now=timezone.now()) if one.is_in_force]
        return self.page("opt_in/revoke.html", {"form": form, "in_force": in_force})


def _answer(request: HttpRequest) -> dict[str, Any] | None:
    kept = request.session.pop(JUST_REVOKED, None)
    return {"at": parse_datetime(kept[0]), "handed_over": kept[1]} if kept else None


def _shown(authorisation: Authorisation, names: dict[UUID, str]) -> dict[str, Any]:
    instruction = authorisation.instruction
    return {
        "standing": authorisation.standing.value,
        "instruction": instruction,
        "products": capfirst(product_names(instruction.products)),
        "channels": capfirst(channel_names(instruction.channels)),
        "last_day": authorisation.last_day,
        "by": names.get(instruction.actor, ""),
        "revoked_by": names.get(instruction.revoked_by, "") if instruction.revoked_by else "",
    }
