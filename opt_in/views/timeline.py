"""The director's timeline: everything that reached or tried to reach parents, day by day."""

from datetime import timedelta
from typing import Any

from babel.dates import format_skeleton
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import get_language

from notifications.languages import known_language
from opt_in.forms.period import ORIGINS, USUAL_DAYS, PeriodForm
from opt_in.gate import school as gate
from opt_in.gate.school_overview import TimelineDay
from opt_in.selectors.timeline import MOST_ENTRIES, by_day, happenings
from tenants.access import Action, Scope
from tenants.doors import Door

ON_ONE_PAGE = 50


class Timeline(Door):
    action = Action.TIMELINE_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        form = PeriodForm(asked(request))
        shown = chosen(form)
        found = happenings(**shown)
        is_whole = request.GET.get("whole") == "1"
        page = Paginator(found.rows, MOST_ENTRIES if is_whole else ON_ONE_PAGE).get_page(request.GET.get("page"))
        days = gate.timeline_days(**shown)
        context = {
            "form": form,
            "shown": shown,
            "page": page,
            "days": by_day(page.object_list),
            "missing": found.missing,
            "bars": [(bar_label(row), row.messages, row.origin) for row in reversed(days)],
            "counted": sum(row.messages for row in days),
            "sent": sum(row.sent for row in days),
            "refused": sum(row.refused for row in days),
            "printed_at": timezone.now(),
            "chosen_words": chosen_words(form),
            "whole": _query(request, whole="1"),
            "can_open_offers": self.access.reach(Action.MARKETING_VIEW) is not Scope.NONE,
        }
        return self.page("opt_in/timeline.html", context)


def bar_label(row: TimelineDay) -> str:
    """Day and origin in words: the bar's colour says it only once more."""
    language = known_language(get_language())
    day = format_skeleton("MEd", row.day, locale="en_GB" if language == "en" else language)
    return f"{day} · {dict(ORIGINS)[row.origin]}"


def asked(request: HttpRequest) -> QueryDict:
    """The address with what it leaves out written down, so that the form shows what the page shows."""
    given = request.GET.copy()
    today = timezone.localdate()
    usual = {
        "from_day": (today - timedelta(days=USUAL_DAYS - 1)).isoformat(),
        "to_day": today.isoformat(),
        "origin": "all",
        "readers": "guardians",
    }
    for name, value in usual.items():
        if not given.get(name):
            given[name] = value
    return given


def chosen(form: PeriodForm) -> dict[str, Any]:
    """What the form asks for; the usual fortnight where its days cannot be read, the usual answer to the rest."""
    is_valid, today = form.is_valid(), timezone.localdate()
    given = form.cleaned_data
    origin: str = given.get("origin", "all")
    return {
        "from_day": given["from_day"] if is_valid else today - timedelta(days=USUAL_DAYS - 1),
        "to_day": given["to_day"] if is_valid else today,
        "origin": None if origin == "all" else origin,
        "to_guardians": given.get("readers") != "all",
    }


def chosen_words(form: PeriodForm) -> str:
    """Whose messages to whom, for the paper: it carries no form."""
    fields = [form[name] for name in ("origin", "readers")]
    return ", ".join(str(dict(field.field.choices).get(field.value(), "")) for field in fields)  # type: ignore[attr-defined]


def _query(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()
