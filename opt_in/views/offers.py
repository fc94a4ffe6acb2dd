"""The vendor asks: what it wants, how it would look, what it would do, and the director's three equal answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from opt_in.forms.decisions import ApprovalForm, RefusalForm
from opt_in.framed_mail import framed_mail
from opt_in.gate import school as gate
from opt_in.gate.school_overview import Forecast
from opt_in.gate.types import Proposal, Resolution
from opt_in.selectors.authorisations import authorisation_for, opposition
from opt_in.selectors.figures import figures_of
from opt_in.selectors.offers import has_ended, is_approved, is_waiting, last_day_of, offer_called, offers
from opt_in.selectors.previews import Reader, language_name, languages_of, openings_of, preview_of
from opt_in.services.approvals import approve_content, reject_content
from opt_in.verdicts import Verdict, obstacles_of, verdict_of
from opt_in.wording import by_channels, channel_name, channel_names, product_name
from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.schools.models import School

A_PAGE = 20
# What the director's yes to the content takes out of the way.
ENDED_BY_APPROVAL = frozenset({"HOLD_AWAITING_DIRECTOR", "DENY_DIRECTOR_REJECTED", "DENY_CONTENT_CHANGED"})


def rows_of(
    offers: Sequence[Proposal], *, school: School, resolutions: list[Resolution], now: datetime
) -> list[dict[str, Any]]:
    """Requests as a list shows them: with their first words, or several of one sender would look alike."""
    openings = openings_of(offers, reader=get_language() or "")
    return [
        {**shown(one, school=school, resolutions=resolutions, now=now), "opening": openings[one.campaign_id]}
        for one in offers
    ]


def shown(offer: Proposal, *, school: School, resolutions: list[Resolution], now: datetime) -> dict[str, Any]:
    """A request by itself."""
    opposed_by = opposition(resolutions, products=[offer.product])
    verdict: Verdict = verdict_of(offer, school=school.name, opposed_by=opposed_by, now=now)
    return {
        "offer": offer,
        "sender": offer.sender_name or offer.sender_id,
        "product": product_name(offer.product),
        "channels": capfirst(channel_names(offer.channels)),
        "verdict": verdict,
        "last_day": last_day_of(offer),
    }


class Offers(Door):
    action = Action.MARKETING_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        found, resolutions = offers(now=now), gate.resolutions()
        # One list, so that no number of requests makes the page endless.
        page = Paginator([*found.waiting, *found.history], A_PAGE).get_page(request.GET.get("page"))
        rows = rows_of(list(page), school=self.school, resolutions=resolutions, now=now)
        context = {
            "waiting": [row for row in rows if is_waiting(row["offer"], now=now)],
            "history": [row for row in rows if not is_waiting(row["offer"], now=now)],
            "number_waiting": len(found.waiting),
            "page": page,
            "may_decide": self.access.reach(Action.MARKETING_AUTHORISE) is not Scope.NONE,
        }
        return self.page("opt_in/offers.html", context)


def _forecast(forecast: Forecast) -> dict[str, Any]:
    """One channel in a sentence and in bars."""
    sentence = ngettext(
        "%(number)s guardian; said yes to offers %(channel)s: %(yes)s.",
        "%(number)s guardians; said yes to offers %(channel)s: %(yes)s.",
        forecast.guardians,
    ) % {"number": forecast.guardians, "yes": forecast.said_yes, "channel": by_channels([forecast.channel])}
    with_contact = _("With a verified number") if forecast.channel == "sms" else _("With a verified address")
    bars = [
        (_("Guardians"), forecast.guardians, "school"),
        (with_contact, forecast.with_contact, "school"),
        (_("Said yes"), forecast.said_yes, "vendor"),
        (_("Would get it"), forecast.would_receive, "vendor"),
    ]
    return {"name": capfirst(channel_name(forecast.channel)), "sentence": sentence, "bars": bars}


class OfferDoor(Door):
    abstract_door = True

    def offer(self, campaign_id: UUID) -> Proposal:
        found = offer_called(campaign_id)
        if found is None:
            raise Http404
        return found

    @property
    def reader(self) -> Reader:
        return Reader(self.school.names, self.school.country, timezone.localdate())

    def offer_page(self, offer: Proposal, *, problem: str = "", refusal: RefusalForm | None = None) -> HttpResponse:
        """`problem` says why the last answer was not taken."""
        now = timezone.now()
        resolutions = gate.resolutions()
        opposed_by = opposition(resolutions, products=[offer.product])
        content = gate.campaign_content(offer.campaign_id)
        channel = self.request.GET.get("channel", "")
        channel = channel if channel in offer.channels else offer.channels[0]
        languages = languages_of(content, channel)
        wanted = (self.request.GET.get("text", ""), get_language() or "", *languages)
        language = next(one for one in wanted if one in languages)
        figures, obstacles = figures_of(offer), obstacles_of(offer, school=self.school.name, opposed_by=opposed_by)
        authorised = authorisation_for(offer, now=now)
        # It may end before the request's first day; the gate looks again on that day.
        is_outlived = bool(authorised and offer.not_before and authorised.instruction.valid_to <= offer.not_before)
        context = {
            **shown(offer, school=self.school, resolutions=resolutions, now=now),
            "problem": problem,
            "refusal": refusal or RefusalForm(),
            "approval": ApprovalForm(initial={"content_sha256": content.content_sha256.hex()}),
            "hash": content.content_sha256.hex()[:12],
            "preview": preview_of(content, channel=channel, language=language, reader=self.reader),
            "channel_tabs": [(one, capfirst(channel_name(one))) for one in offer.channels],
            "language_tabs": [(one, language_name(one)) for one in languages],
            "figures": figures,
            "forecasts": [_forecast(one) for one in figures.channels],
            "obstacles": obstacles,
            "is_approved": is_approved(offer),
            "goes_at_once": not is_outlived and not {one.code for one in obstacles} - ENDED_BY_APPROVAL,
            "is_outlived": is_outlived,
            "begins_later": offer.not_before is not None and offer.not_before > now,
            "authorised": authorised,
            "has_ended": has_ended(offer, now=now),
            "may_decide": self.access.reach(Action.MARKETING_AUTHORISE) is not Scope.NONE,
        }
        response = self.page("opt_in/offer.html", context)
        response.frames_own_pages = True  # type: ignore[attr-defined]
        return response


class Offer(OfferDoor):
    action = Action.MARKETING_VIEW

    def get(self, request: HttpRequest, campaign_id: UUID) -> HttpResponse:
        return self.offer_page(self.offer(campaign_id))


class OfferPreview(OfferDoor):
    """One mail as a document of its own."""

    action = Action.MARKETING_VIEW

    def get(self, request: HttpRequest, campaign_id: UUID, language: str) -> HttpResponse:
        offer = self.offer(campaign_id)
        content = gate.campaign_content(offer.campaign_id)
        preview = preview_of(content, channel="email", language=language, reader=self.reader)
        if preview is None or preview.mail is None:
            raise Http404
        return framed_mail(preview.mail.html)


class ApproveOffer(OfferDoor):
    action = Action.MARKETING_AUTHORISE

    def post(self, request: HttpRequest, campaign_id: UUID) -> HttpResponse:
        offer = self.offer(campaign_id)
        form = ApprovalForm(request.POST)
        if has_ended(offer, now=timezone.now()):
            return self.offer_page(offer, problem=_("This request has ended meanwhile. There is nothing to approve."))
        if not form.is_valid() or form.shown() != offer.content_sha256:
            problem = _(
                "The content is not the one that your page showed. Nothing was approved; please look at it again."
            )
            return self.offer_page(offer, problem=problem)
        approve_content(director=self.person, campaign_id=campaign_id, content_sha256=form.shown())
        now, approved = timezone.now(), self.offer(campaign_id)
        if approved.verdict != "ALLOW":
            said = _("You approved this content. Something else still stands in the way, so nothing is sent.")
        elif approved.expanded_at is None and (approved.not_before is None or approved.not_before <= now):
            said = _("You approved this content. It goes to the guardians who said yes.")
        else:
            # The page itself says what becomes of one that begins later, or was called off before.
            said = _("You have approved this content.")
        undo, undone = reverse("offer-refuse", args=[campaign_id]), _("Undo refuses it again.")
        messages.success(request, f"{said} {undone}", extra_tags=f"undo:{undo}")
        return redirect("offer", campaign_id)


class RefuseOffer(OfferDoor):
    action = Action.MARKETING_AUTHORISE

    def post(self, request: HttpRequest, campaign_id: UUID) -> HttpResponse:
        offer = self.offer(campaign_id)
        form = RefusalForm(request.POST)
        if not form.is_valid():
            return self.offer_page(offer, refusal=form)
        reject_content(director=self.person, campaign_id=campaign_id, reason=form.stated())
        said = _("You refused this content; nobody gets it. You can still change your mind on this page.")
        if offer.expanded_at is not None:
            said = _("You refused this content. What still waited is called off and does not come back.")
        messages.success(request, said)
        return redirect("offer", campaign_id)
