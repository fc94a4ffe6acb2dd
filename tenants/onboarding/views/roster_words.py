"""The preview's details in the reader's words: which field, from what to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from ediary_core.models import ClassKind, EnrolmentRole, SessionKind
from tenants.access import LABELS, Role
from tenants.onboarding.models import Change, Group
from tenants.onboarding.roster.endings import Ended, Ending
from tenants.people.models import Channel, Relation

FIELDS = {
    "given_name": gettext_lazy("Given name"),
    "middle_name": gettext_lazy("Middle name"),
    "family_name": gettext_lazy("Family name"),
    "username": gettext_lazy("Login name"),
    "date_of_birth": gettext_lazy("Date of birth"),
    "roles": gettext_lazy("Roles"),
    "contacts": gettext_lazy("Addresses"),
    "is_active": gettext_lazy("At the school"),
    "class": gettext_lazy("Class"),
    "guardian": gettext_lazy("Guardian"),
    "relation": gettext_lazy("Relation"),
    "role": gettext_lazy("Role in the class"),
    "is_primary": gettext_lazy("First teacher of the class"),
    "begins_on": gettext_lazy("Begins on"),
    "ends_on": gettext_lazy("Ends on"),
    "title": gettext_lazy("Name"),
    "name": gettext_lazy("Name"),
    "code": gettext_lazy("Short name"),
    "identifier": gettext_lazy("Number of the school"),
    "kind": gettext_lazy("Kind"),
    "grades": pgettext_lazy("school grade", "Year"),
    "location": gettext_lazy("Room"),
    "subject": gettext_lazy("Subject"),
    "school_year": gettext_lazy("School year"),
    "parent": gettext_lazy("Part of"),
}
_DATES = frozenset({"date_of_birth", "begins_on", "ends_on"})
_KINDS = {**dict(ClassKind.choices), **dict(SessionKind.choices)}


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    text: str


def lines_of(details: list[dict[str, Any]], *, is_new: bool) -> list[Line]:
    """Where the whole record is new, its values need no word that they are."""
    return [_line(**detail, is_new=is_new) for detail in details]


def _line(field: str, before: Any, after: Any, of: str = "", *, is_new: bool) -> Line:
    label = str(FIELDS.get(field, field))
    label = f"{label} ({of})" if of else label
    if field == "contacts":
        return Line(label, ", ".join(_addresses(before or [], after or [])))
    if field == "is_active":
        return Line(label, _("comes back"))
    old, new = _shown(field, before), _shown(field, after)
    if is_new:
        return Line(label, new)
    if not old:
        return Line(label, _("new: %(value)s") % {"value": new})
    if not new:
        return Line(label, _("no longer: %(value)s") % {"value": old})
    return Line(label, _("%(before)s → %(after)s") % {"before": old, "after": new})


def _addresses(before: list[str], after: list[str]) -> list[str]:
    texts = []
    for channel in Channel:
        if channel in before and channel in after:
            texts.append(_("%(channel)s: another address") % {"channel": channel.label})
        elif channel in after:
            texts.append(_("%(channel)s: new address") % {"channel": channel.label})
        elif channel in before:
            texts.append(_("%(channel)s: no address any more") % {"channel": channel.label})
    return texts


def _shown(field: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return ""
    if field == "roles":
        return ", ".join(str(LABELS[Role(role)]) for role in value)
    if field in _DATES:
        return format_date(date.fromisoformat(value), format="medium", locale=get_language() or "en")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field == "kind":
        return str(_KINDS.get(value, value))
    if field == "role":
        return str(dict(EnrolmentRole.choices).get(value, value))
    if field == "relation":
        return str(dict(Relation.choices).get(value, value))
    return str(value)


def endings_in(counts: Mapping[str, Mapping[str, Any]]) -> list[Ending]:
    """The groups of which many would end, for a question."""
    kept = counts.get("endings", {})
    return [Ending(group, *kept[group]) for group in Ended if group in kept]


def count_rows(counts: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int, int, int]]:
    """Label, new, changed, leaving; only what has any, in the order of Group."""
    rows = []
    for group in Group:
        if of_group := counts.get(group):
            new, changed, ends = (of_group.get(change, 0) for change in (Change.NEW, Change.CHANGED, Change.ENDS))
            rows.append((str(group.label), new, changed, ends))
    return rows


def count_sentence(counts: Mapping[str, Mapping[str, Any]]) -> str:
    """For a question that names numbers: "Pupils: 12 new, 3 changed, 2 leaving. Classes: …"."""
    return " ".join(
        _("%(group)s: %(new)d new, %(changed)d changed, %(ends)d leaving.")
        % {"group": label, "new": new, "changed": changed, "ends": ends}
        for label, new, changed, ends in count_rows(counts)
    )
