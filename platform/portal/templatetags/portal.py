"""The components of the design system: each one template, each shown on /_design."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime, format_skeleton
from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.http import QueryDict
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

register = template.Library()

ORIGINS = {"school": _("From the school"), "vendor": _("From the vendor"), "platform": _("From the platform")}
# CLDR's short forms put the day and the month in each language's own order; the year is said when it is another one.
DAY = {"sl": "EEE, d. M.", "pl": "EEE, d.MM", "uk": "EEE, d.MM", "en": "EEE, d MMM"}
DAY_OF_A_YEAR = {"sl": "d. M. y", "pl": "d.MM.y", "uk": "d.MM.y", "en": "d MMM y"}


def _language() -> str:
    language = get_language() or "en"
    return language if language in DAY else "en"


@register.filter
def day(value: date | datetime | None) -> str:
    """ "pet., 11. 9." in the reader's language; with the year instead of the weekday when it is not this one."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    patterns = DAY if value.year == timezone.localdate().year else DAY_OF_A_YEAR
    return format_date(value, patterns[_language()], locale=_language())


@register.filter
def birthday(value: date) -> str:
    """ "11. september" in the reader's language."""
    return format_skeleton("MMMMd", value, locale=_language())


@register.filter
def moment(value: datetime | str | None) -> str:
    """Day and time in the school's zone. Also takes an ISO 8601 string, as sessions and receipts keep it."""
    found = parse_datetime(value) if isinstance(value, str) else value
    if found is None:
        return ""
    local = timezone.localtime(found)
    return f"{day(local)}, {format_datetime(local, 'HH:mm', locale=_language())}"


@register.filter
def clock(value: datetime) -> str:
    """Hours, minutes and seconds in the school's zone."""
    return format_datetime(timezone.localtime(value), "HH:mm:ss", locale=_language())


@register.simple_tag(takes_context=True)
def same_as_title(context: Context) -> SafeString:
    """What the page put into its block `title`, once more: the heading says what the tab says."""
    blocks: BlockContext = context.render_context[BLOCK_CONTEXT_KEY]
    return blocks.get_block("title").render(context)


@register.inclusion_tag("portal/components/origin.html")
def origin(name: str) -> dict[str, object]:
    return {"name": name, "label": ORIGINS[name]}


@register.inclusion_tag("portal/components/icon.html")
def icon(name: str) -> dict[str, object]:
    return {"name": name}


@register.inclusion_tag("portal/components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, object]:
    fields = [(bound, bound.errors) for bound in form if bound.errors]
    return {"general": form.non_field_errors(), "fields": fields}


@register.inclusion_tag("portal/components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    widget = bound.field.widget
    kind = "input"
    if isinstance(widget, CheckboxInput):
        kind = "checkbox"
    elif isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        kind = "choices"
    elif isinstance(widget, Select):
        kind = "select"
    return {
        "bound": bound,
        "kind": kind,
        "widget": _rendered(bound, kind),
        "is_invalid": bool(bound.errors),
        "is_optional": _is_optional(bound),
    }


def _is_optional(bound: BoundField) -> bool:
    """A form whose fields depend on each other says itself what it wants (`says_what_it_wants`)."""
    return not bound.field.required and not getattr(bound.form, "says_what_it_wants", False)


def _rendered(bound: BoundField, kind: str) -> SafeString:
    classes = {"checkbox": "form-check-input", "select": "form-select", "choices": "form-check-input"}
    attributes: dict[str, Any] = {"class": classes.get(kind, "form-control")}
    if bound.errors:
        attributes["class"] += " is-invalid"
        attributes["aria-invalid"] = "true"
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described and kind != "choices":
        attributes["aria-describedby"] = " ".join(described)
    return bound.as_widget(attrs=attributes)


@register.inclusion_tag("portal/components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any]) -> dict[str, object]:
    query = context["request"].GET.copy()
    query.pop("page", None)
    prefix = f"{query.urlencode()}&" if query else ""
    around = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "prefix": prefix, "numbers": list(around), "gap": page.paginator.ELLIPSIS}


@register.simple_tag(takes_context=True)
def query_in(context: Context, language: str) -> str:
    """The address's query with another language. Where a login leads on to (`next`) stays with it, also after a refused
    form, whose address has none. Pages made without a request have nothing else in their query."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    if context.get("next"):
        query["next"] = context["next"]
    query.pop("language", None)
    query["language"] = language
    return query.urlencode(safe="/")


@register.inclusion_tag("portal/components/empty.html")
def empty(title: str, text: str = "", href: str = "", label: str = "") -> dict[str, object]:
    return {"title": title, "text": text, "href": href, "label": label}


@register.inclusion_tag("portal/components/progress.html")
def progress(done: int, total: int, label: str) -> dict[str, object]:
    return {"done": done, "total": max(total, 1), "label": label, "percent": round(100 * done / max(total, 1))}


@register.inclusion_tag("portal/components/stepper.html")
def stepper(steps: Sequence[str], current: int) -> dict[str, object]:
    return {"steps": list(enumerate(steps, start=1)), "current": current, "total": len(steps)}


@register.inclusion_tag("portal/components/bar_chart.html")
def bar_chart(rows: Iterable[Sequence[Any]], title: str, of: str = "") -> dict[str, object]:
    """Rows of label, number and perhaps origin. `of` heads the column of numbers in the table."""
    given = [(row[0], row[1], row[2] if len(row) > 2 else "platform") for row in rows]
    largest = max((number for _label, number, _origin in given), default=0) or 1
    bars = [
        # SVG in a view box of 100: the bar takes the share of the largest one, and a small one can still be seen.
        {
            "label": label,
            "number": number,
            "origin": origin,
            "width": round(max(100 * number / largest, bool(number)), 1),
        }
        for label, number, origin in given
    ]
    return {"bars": bars, "title": title, "of": of}
