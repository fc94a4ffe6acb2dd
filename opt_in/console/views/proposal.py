"""Asking schools in three steps: the channel, the text, a look at it as a guardian gets it. Only the last one asks."""

from datetime import timedelta
from typing import ClassVar

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.languages import LANGUAGES
from opt_in.console.drafts import Draft, draft_in, drop_draft, keep_draft
from opt_in.console.forms.campaign import CampaignForm
from opt_in.console.previewing import arriving
from opt_in.console.selectors.switches import switches_holding_channel
from opt_in.console.senders import SENDERS, Sender
from opt_in.console.sms_cost import ESTIMATED_FOR, length_of
from opt_in.console.surface import schools_imitated
from opt_in.console.views.switches import named
from opt_in.framed_mail import framed_mail
from opt_in.selectors.previews import Preview, language_name
from opt_in.services.campaigns import propose_campaign
from opt_in.wording import product_name
from tenants.operators.doors import OperatorDoor
from tenants.schools.models import School

log = structlog.get_logger("zgoda.console")


RUNS_FOR = timedelta(days=14)
STEPS = (gettext_lazy("Channel"), gettext_lazy("Text and schools"), gettext_lazy("Look and send"))


class NewCampaign(OperatorDoor):
    """Which channel: each sender carries the way out of one channel, so a request has one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        channels = [
            {"channel": channel, "sender": sender, "draft": draft_in(request.session, channel)}
            for channel, sender in SENDERS.items()
        ]
        return self.page("console/new.html", {"channels": channels, "steps": STEPS})


class ChannelDoor(OperatorDoor):
    """Below one channel that there is a sender for."""

    channel: str
    sender: Sender

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        self.channel = str(kwargs["channel"])
        found = SENDERS.get(self.channel)
        if found is None:
            raise Http404
        self.sender = found
        return super().dispatch(request, *args, **kwargs)

    def draft(self) -> Draft | None:
        return draft_in(self.request.session, self.channel)


class WriteCampaign(ChannelDoor):
    def get(self, request: HttpRequest, channel: str) -> HttpResponse:
        draft = self.draft()
        if draft is not None:
            return self._show(CampaignForm(initial=_initial(draft), channel=channel), draft)
        return self._show(CampaignForm(initial={"ends_on": timezone.localdate() + RUNS_FOR}, channel=channel), None)

    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        keep_draft(request.session, channel, request.POST)
        form = CampaignForm(request.POST, channel=channel)
        if not form.is_valid():
            return self._show(form, self.draft())
        return redirect("campaign-look", channel=channel)

    def _show(self, form: CampaignForm, draft: Draft | None) -> HttpResponse:
        context = {"form": form, "channel": self.channel, "sender": self.sender, "draft": draft, "steps": STEPS}
        return self.page("console/write.html", context)


class LookAtCampaign(ChannelDoor):
    """The draft as guardians would get it, and the one button that puts it before the schools."""

    def get(self, request: HttpRequest, channel: str) -> HttpResponse:
        draft = self.draft()
        form = CampaignForm(draft.data, channel=channel) if draft else None
        if form is None or not form.is_valid():
            return redirect("campaign-write", channel=channel)
        schools = form.asked_schools()
        response = self.page(
            "console/look.html",
            {
                "channel": channel,
                "sender": self.sender,
                "steps": STEPS,
                "form": form,
                "product": product_name(form.cleaned_data["product"]),
                "schools": schools,
                "looked_at": draft.fingerprint if draft else "",
                "imitated": schools_imitated(form.texts(), channel, schools),
                "stops": named(switches_holding_channel(channel)),
                "texts": [self._text(form, language, schools) for language in form.texts()],
                "estimated_for": ESTIMATED_FOR,
            },
        )
        # Shows MailOfDraft, one frame for each language.
        response.frames_own_pages = True  # type: ignore[attr-defined]
        return response

    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        draft = self.draft()
        if draft is None:
            # Perhaps by a second press of the button.
            messages.info(request, _("This was sent already, or its draft was thrown away. Nothing more was sent."))
            return redirect("campaigns")
        form = CampaignForm(draft.data, channel=channel)
        if not form.is_valid():
            return redirect("campaign-write", channel=channel)
        if request.POST.get("looked_at") != draft.fingerprint:
            messages.warning(request, _("Not sent: the draft was changed meanwhile. This is how it stands now."))
            return redirect("campaign-look", channel=channel)
        campaign_id = propose_campaign(request=form.request(draft.campaign_id))
        drop_draft(request.session, channel)
        log.info("console.campaign_proposed", operator=str(self.operator.pk), campaign=str(campaign_id))
        messages.success(request, _("The request is on its way. Each school decides for itself."))
        return redirect("campaign", campaign_id=campaign_id)

    def _text(self, form: CampaignForm, language: str, schools: list[School]) -> dict[str, object]:
        length = length_of(form.texts()[language]["body"], language) if form.channel == "sms" else None
        return {
            "preview": _arriving(form, language, schools),
            "language": language,
            "name": language_name(language),
            "length": length,
        }


class MailOfDraft(OperatorDoor):
    """One mail of the draft as a document of its own, exactly as it would be sent."""

    def get(self, request: HttpRequest, language: str) -> HttpResponse:
        draft = draft_in(request.session, "email")
        form = CampaignForm(draft.data, channel="email") if draft else None
        if form is None or not form.is_valid() or language not in form.texts():
            raise Http404
        mail = _arriving(form, language, form.asked_schools()).mail
        if mail is None:
            raise Http404
        return framed_mail(mail.html)


class DropDraft(ChannelDoor):
    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        drop_draft(request.session, channel)
        messages.success(request, _("The draft is gone. Nothing was sent."))
        return redirect("campaign-new")


class LengthOfSms(OperatorDoor):
    """While somebody writes: parts, alphabet and estimate of the one text in the form that is sent here."""

    names: ClassVar[dict[str, str]] = {language: f"body_{language}" for language in LANGUAGES}

    def post(self, request: HttpRequest) -> HttpResponse:
        language = request.POST.get("language", "")
        if language not in self.names:
            raise Http404
        text = request.POST.get(self.names[language], "")
        length = length_of(text[:10_000], language)
        return self.page("console/sms_length.html", {"length": length, "estimated_for": ESTIMATED_FOR})


def _arriving(form: CampaignForm, language: str, schools: list[School]) -> Preview:
    """As guardians of a school that speaks this language would get it."""
    speaking = (school for school in schools if school.languages[0] == language)
    return arriving(
        channel=form.channel,
        product=form.cleaned_data["product"],
        texts=form.texts(),
        language=language,
        school=next(speaking, None) or next(iter(schools), None),
    )


def _initial(draft: Draft) -> dict[str, object]:
    """A draft that is opened again is not judged before it is sent."""
    several = {"countries", "schools"}
    return {name: values if name in several else values[-1] for name, values in draft.data.lists() if values}
