"""Requests: the list, one of them with each school's answer, and its stop. What a school decides is only shown here."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import structlog
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from opt_in.console.numbers import Numbers, numbers_of
from opt_in.console.refusals import refusal_said
from opt_in.console.selectors.campaigns import Campaign, campaign_called, campaigns
from opt_in.console.selectors.schools import schools_with_ids
from opt_in.console.selectors.switches import is_being_stopped, set_switches, switches_holding
from opt_in.console.senders import sender_called
from opt_in.console.sms_cost import ESTIMATED_FOR, length_of
from opt_in.console.views.switches import named
from opt_in.gate import vendor as gate
from opt_in.gate.types import SchoolVerdict
from opt_in.reasons import next_step_for, reason_for
from opt_in.selectors.previews import language_name
from opt_in.services.campaigns import stop_campaign
from opt_in.wording import channel_name, product_name
from tenants.operators.doors import OperatorDoor

log = structlog.get_logger("zgoda.console")

ON_A_PAGE = 25
# The order of the gate: what may go first, what waits, what is refused.
VERDICTS = ("ALLOW", "HOLD", "DENY")


class Campaigns(OperatorDoor):
    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(campaigns(), ON_A_PAGE).get_page(request.GET.get("page"))
        held = set_switches()
        rows = [
            {"campaign": campaign, **_words(campaign), "is_held": bool(switches_holding(campaign, held))}
            for campaign in page.object_list
        ]
        return self.page("console/campaigns.html", {"page": page, "rows": rows})


class CampaignPage(OperatorDoor):
    def get(self, request: HttpRequest, campaign_id: UUID) -> HttpResponse:
        campaign = _found(campaign_id)
        verdicts = gate.verdicts(campaign.id)
        tallies = gate.tallies(campaign.id)
        code = request.GET.get("code", "")
        shown = [verdict for verdict in verdicts if not code or _code(verdict) == code]
        page = Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page"))
        schools = schools_with_ids([verdict.school_id for verdict in page.object_list])
        rows = [
            {
                "school": schools.get(verdict.school_id),
                "verdict": verdict,
                "reason": reason_for(verdict.code),
                "numbers": numbers_of(tally for tally in tallies if tally.school_id == verdict.school_id),
            }
            for verdict in page.object_list
        ]
        numbers = numbers_of(tallies)
        return self.page(
            "console/campaign.html",
            {
                "campaign": campaign,
                **_words(campaign),
                "refusal": refusal_said(campaign.reason) if campaign.state == "refused" else "",
                "stops": named(switches_holding(campaign, set_switches())) if campaign.state == "running" else [],
                "is_being_stopped": campaign.state in {"waiting", "running"} and is_being_stopped(campaign.id),
                "groups": _groups(verdicts),
                "asked": len(verdicts),
                "chosen": code,
                "page": page,
                "rows": rows,
                "numbers": numbers,
                "bars": _bars(numbers),
                # A count of nobody and a count of four look the same, so neither says when it was made.
                "counted_at": max(tally.made_at for tally in tallies) if numbers.total else None,
                "texts": _texts(campaign),
                "estimated_for": ESTIMATED_FOR,
            },
        )


class StopCampaign(OperatorDoor):
    def post(self, request: HttpRequest, campaign_id: UUID) -> HttpResponse:
        campaign = _found(campaign_id)
        if campaign.state not in {"waiting", "running"}:
            messages.info(request, _("This request has ended already. Nothing was changed."))
            return redirect("campaign", campaign_id=campaign_id)
        if not is_being_stopped(campaign_id):
            stop_campaign(campaign_id=campaign_id)
            log.info("console.campaign_stopped", operator=str(self.operator.pk), campaign=str(campaign_id))
        messages.success(request, _("The stop is on its way; it takes effect within seconds."))
        return redirect("campaign", campaign_id=campaign_id)


def _found(campaign_id: UUID) -> Campaign:
    campaign = campaign_called(campaign_id)
    if campaign is None:
        raise Http404
    return campaign


def _words(campaign: Campaign) -> dict[str, object]:
    return {
        "product": product_name(campaign.product) or _("No product"),
        "headline": campaign.headline(get_language() or ""),
        "channels": [channel_name(channel) for channel in campaign.channels],
        "state": campaign.state,
        "sender": sender_called(campaign.sender),
    }


def _code(verdict: SchoolVerdict) -> str:
    return verdict.code or verdict.verdict


def _groups(verdicts: Sequence[SchoolVerdict]) -> list[dict[str, object]]:
    """Schools by what they said, in the gate's order and then the most frequent first."""
    counted = Counter((verdict.verdict, verdict.code) for verdict in verdicts)
    ordered = sorted(counted.items(), key=lambda item: (VERDICTS.index(item[0][0]), -item[1], item[0][1] or ""))
    return [
        {
            "verdict": verdict,
            "code": code or verdict,
            "reason": reason_for(code),
            "next_step": next_step_for(code),
            "schools": schools,
        }
        for (verdict, code), schools in ordered
    ]


def _bars(numbers: Numbers) -> list[tuple[str, int, str]]:
    rows = [
        (_("Sent"), numbers.sent),
        (_("Could not be delivered"), numbers.failed),
        (_("Waiting"), numbers.waiting),
        (_("Not sent"), numbers.held_back),
        (_("Handed over, outcome unknown"), numbers.unknown),
    ]
    # A nought would claim what only the school may know.
    return [(label, number, "vendor") for label, number in rows if number]


def _texts(campaign: Campaign) -> list[dict[str, object]]:
    """As they were sent to the inbox; whatever does not look like a text is left out."""
    found = []
    for channel, languages in campaign.texts.items():
        for language, text in languages.items() if isinstance(languages, dict) else ():
            if isinstance(text, dict) and isinstance(text.get("body"), str):
                found.append(
                    {
                        "channel": channel_name(channel),
                        "language": language,
                        "name": language_name(language),
                        "subject": text.get("subject") or "",
                        "body": text["body"],
                        "length": length_of(text["body"], language) if channel == "sms" else None,
                    }
                )
    return found
