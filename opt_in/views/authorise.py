"""The steps to an authorisation: what, through which channels, until when, confirm. Nothing is kept between them.

The steps are addresses that carry what was entered so far, so the browser's way back leads through them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from notifications.languages import format_day, known_language
from opt_in.forms.authorisation import AuthorisationForm
from opt_in.gate import school as gate
from opt_in.gate.types import Proposal
from opt_in.purposes import VENDOR_OFFERS
from opt_in.selectors.authorisations import end_of, last_day, opposition
from opt_in.services.instructions import authorise_marketing
from opt_in.verdicts import opposition_said
from opt_in.wording import CHANNELS, PRODUCTS, by_channels, channel_name, product_name, product_names
from tenants.access import Action
from tenants.doors import Door

# One field a step; after them the confirmation.
FIELDS = ("products", "channels", "until")
CONFIRM = "confirm"
# What reaches guardians today; a request may name more.
USUAL_CHANNELS = ("email", "sms")


class Authorise(Door):
    action = Action.MARKETING_AUTHORISE

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.asked: Sequence[Proposal] = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        self.asked = gate.proposals()
        if "step" in request.GET:
            return self.walk(request.GET)
        offer = self.offer_in(request.GET.get("offer", ""))
        initial: dict[str, Any] = {"until": last_day(today=timezone.localdate())}
        if offer is not None:
            initial |= {"products": [offer.product], "channels": list(offer.channels)}
        return self.step(0, self.form(initial=initial), offer)

    def post(self, request: HttpRequest) -> HttpResponse:
        self.asked = gate.proposals()
        return self.walk(request.POST)

    def walk(self, entered: QueryDict) -> HttpResponse:
        """One step on or back; only a posted confirmation authorises."""
        offer = self.offer_in(entered.get("offer", ""))
        form = self.form(entered)
        step = entered.get("step", "")
        here = len(FIELDS) if step == CONFIRM else FIELDS.index(step) if step in FIELDS else 0
        if "back" in entered:
            return self.step(max(here - 1, 0), self.form(initial=self.given(form)), offer)
        form.is_valid()
        wrong = next((place for place, name in enumerate(FIELDS[: here + 1]) if form.errors.get(name)), None)
        if wrong is not None:
            return self.step(wrong, form, offer)
        if here < len(FIELDS):
            return self.step(here + 1, self.form(initial=self.given(form)), offer)
        if self.request.method != "POST":
            return self.step(here, self.form(initial=self.given(form)), offer)
        return self.authorise(form, offer)

    def authorise(self, form: AuthorisationForm, offer: Proposal | None) -> HttpResponse:
        given = form.cleaned_data
        authorise_marketing(
            director=self.person,
            purposes=[VENDOR_OFFERS],
            products=given["products"],
            channels=given["channels"],
            valid_to=end_of(given["until"], self.school.time_zone),
        )
        messages.success(self.request, _("Your authorisation is in force. You can revoke it at any time."))
        return redirect("offer", offer.campaign_id) if offer is not None else redirect("authorisation")

    def step(self, place: int, form: AuthorisationForm, offer: Proposal | None) -> HttpResponse:
        """Show one step; the fields of the others travel along, hidden."""
        opposed_by = opposition(gate.resolutions(), products=form["products"].value() or self.products())
        context = {
            "form": form,
            "offer": offer,
            "steps": [_("What"), _("Channels"), _("Until when"), _("Confirm")],
            "number": place + 1,
            "field": form[FIELDS[place]] if place < len(FIELDS) else None,
            "step": FIELDS[place] if place < len(FIELDS) else CONFIRM,
            "entered": entered_in(form, but=FIELDS[place] if place < len(FIELDS) else ""),
            "is_first": place == 0,
            "meaning": self.meaning(form) if place == len(FIELDS) else "",
            "opposition": opposition_said(opposed_by) if opposed_by else "",
        }
        return self.page("opt_in/authorise.html", context)

    def meaning(self, form: AuthorisationForm) -> str:
        """All of it in one sentence."""
        given = form.initial
        return _(
            "%(school)s allows the vendor to ask its guardians, and to send offers for %(products)s to those who say"
            " yes, %(channels)s, until %(day)s."
        ) % {
            "school": self.school.name,
            "products": product_names(given["products"]),
            "channels": by_channels(given["channels"]),
            "day": format_day(given["until"], known_language(self.request.LANGUAGE_CODE)),
        }

    def form(self, *args: Any, **kwargs: Any) -> AuthorisationForm:
        today = timezone.localdate()
        return AuthorisationForm(
            *args,
            products={product: capfirst(product_name(product)) for product in self.products()},
            channels={channel: capfirst(channel_name(channel)) for channel in self.channels()},
            today=today,
            last_day=last_day(today=today),
            **kwargs,
        )

    def products(self) -> list[str]:
        return list(dict.fromkeys([*PRODUCTS, *(offer.product for offer in self.asked)]))

    def channels(self) -> list[str]:
        asked = {channel for offer in self.asked for channel in offer.channels}
        return [channel for channel in CHANNELS if channel in USUAL_CHANNELS or channel in asked]

    def given(self, form: AuthorisationForm) -> dict[str, Any]:
        """What was entered so far, as the next step's form begins with it."""
        form.is_valid()
        return {name: form.cleaned_data.get(name, form[name].value()) for name in FIELDS}

    def offer_in(self, value: str) -> Proposal | None:
        try:
            wanted = UUID(value)
        except ValueError:
            return None
        return next((offer for offer in self.asked if offer.campaign_id == wanted), None)


def entered_in(form: AuthorisationForm, *, but: str) -> list[tuple[str, str]]:
    """What the fields of the other steps hold, to travel along hidden."""
    values = {name: form[name].value() for name in FIELDS if name != but}
    return [
        (name, str(value))
        for name, held in values.items()
        for value in (held if isinstance(held, list | tuple) else [held])
        if value not in (None, "")
    ]
