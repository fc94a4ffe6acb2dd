"""One's own consents: a switch per channel, the history, the receipts, the objection to everything of the vendor."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from opt_in.forms.consents import AnswerForm, GivingForm
from opt_in.gate.errors import GateError
from opt_in.gate.types import ConsentEvent
from opt_in.selectors.consents import ChannelConsent, Consents, consents_for
from opt_in.selectors.receipts import receipt_of
from opt_in.services.consents import give_consent, object_to_vendor, refuse_offers, withdraw_consent
from tenants.access import Action
from tenants.doors import Door

# In a session: the question was put off until the next login.
LATER = "offers_question_later"


class OwnConsents(Door):
    action = Action.CONSENT_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        consents = consents_for(self.person)
        return self.page(
            "opt_in/consents.html",
            {
                "consents": consents,
                "notice": consents.notice_in(get_language() or "en"),
            },
        )


class ConsentReceipt(Door):
    """A receipt to read. Only one's own: another person's event is not there."""

    action = Action.CONSENT_VIEW

    def get(self, request: HttpRequest, event_id: UUID) -> HttpResponse:
        consents, event = self.found(event_id)
        return self.page(
            "opt_in/consent_receipt.html",
            {
                "said": next(said for said in consents.history if said.event is event),
                "guardian": self.person,
                "school": self.school,
                "receipt": json.dumps(self.receipt(consents, event), indent=2, ensure_ascii=False),
            },
        )

    def found(self, event_id: UUID) -> tuple[Consents, ConsentEvent]:
        consents = consents_for(self.person)
        event = consents.event(event_id)
        if event is None:
            raise Http404
        return consents, event

    def receipt(self, consents: Consents, event: ConsentEvent) -> dict[str, object]:
        return receipt_of(
            event,
            consents=consents,
            guardian=self.person,
            school=self.school,
            exercised_at=self.request.build_absolute_uri(reverse("consents")),
        )


class ConsentReceiptFile(ConsentReceipt):
    action = Action.CONSENT_VIEW

    def get(self, request: HttpRequest, event_id: UUID) -> HttpResponse:
        consents, event = self.found(event_id)
        body = json.dumps(self.receipt(consents, event), indent=2, ensure_ascii=False)
        answer = HttpResponse(body, content_type="application/ld+json")
        name = f"zgoda-receipt-{event.made_at:%Y-%m-%d-%H%M%S}-{event.channel}"
        answer["Content-Disposition"] = f'attachment; filename="{name}.jsonld"'
        answer["Cache-Control"] = "no-store"
        return answer


class ConsentDoor(Door):
    abstract_door = True
    action = Action.CONSENT_GIVE

    def consent_of(self, channel: str) -> ChannelConsent:
        consent = consents_for(self.person).of(channel)
        if consent is None:
            raise Http404
        return consent

    def give(self, consent: ChannelConsent, notice_id: UUID) -> bool:
        """Say yes on one channel; whether it was taken."""
        if consent.own is None:
            messages.error(self.request, _("There is no address to say yes for. Nothing has been changed."))
            return False
        try:
            give_consent(guardian=self.person, contact=consent.own.contact, notice_id=notice_id, capture="portal")
        except GateError:
            messages.error(
                self.request,
                _("Your yes was not taken: the address, the text or what the school allows has changed."),
            )
            return False
        messages.success(
            self.request,
            _("You said yes to offers by e-mail.")
            if consent.channel == "email"
            else _("You said yes to offers by text message."),
            extra_tags=f"undo:{reverse('consent-withdraw', args=[consent.channel.value])}",
        )
        return True


class ConsentGive(ConsentDoor):
    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        consent, form = self.consent_of(channel), GivingForm(request.POST)
        if not form.is_valid():
            raise Http404
        if consent.is_on:
            messages.info(request, _("These offers were on already."))
        else:
            self.give(consent, form.cleaned_data["notice"])
        return redirect("consents")


class ConsentWithdraw(ConsentDoor):
    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        consent = self.consent_of(channel)
        if consent.latest is not None and consent.latest.act == "give":
            handed_over = withdraw_consent(guardian=self.person, channel=consent.channel.value)
            messages.success(request, said_after_withdrawal(consent.channel.value, handed_over))
        else:
            messages.info(request, _("These offers were off already."))
        return redirect("consents")


class ConsentAnswer(ConsentDoor):
    """The answer to the one question on the start page."""

    def post(self, request: HttpRequest) -> HttpResponse:
        form, consents = AnswerForm(request.POST), consents_for(self.person)
        if not form.is_valid():
            raise Http404
        answer = form.cleaned_data["answer"]
        if answer == "later":
            request.session[LATER] = True
            if consents.is_question_open:
                messages.info(
                    request, _("We ask again when you next log in. Until then you can answer under “My consents”.")
                )
        elif answer == "no" and consents.is_question_open:
            refuse_offers(guardian=self.person, channels=[one.channel.value for one in consents.channels])
            messages.success(request, _("You said no. Nothing is sent, and you are not asked again."))
        elif answer != "no" and (consent := consents.of(answer)) is not None and not consent.is_on:
            self.give(consent, form.cleaned_data["notice"])
        return redirect("home")


class Objection(ConsentDoor):
    """Never again from the vendor, at any school. It cannot be taken back, so it has a page of its own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("opt_in/objection.html", {"consents": consents_for(self.person)})

    def post(self, request: HttpRequest) -> HttpResponse:
        if not consents_for(self.person).has_objected:
            handed_over = object_to_vendor(guardian=self.person)
            said = _("Nothing more from the vendor from now on, at any school.")
            messages.success(request, f"{said} {said_of_handed_over(handed_over)}".strip())
        return redirect("consents")


def said_after_withdrawal(channel: str, handed_over: int) -> str:
    """What is true: off from now on, and what could not be called back."""
    said = (
        _("Offers by e-mail are off from now on.")
        if channel == "email"
        else _("Offers by text message are off from now on.")
    )
    return f"{said} {said_of_handed_over(handed_over)}".strip()


def said_of_handed_over(number: int) -> str:
    """Empty where nothing was on its way."""
    if not number:
        return ""
    return ngettext(
        "%(n)d message had been handed over before.", "%(n)d messages had been handed over before.", number
    ) % {"n": number}
