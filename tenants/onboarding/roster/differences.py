"""A plan's differences as lines for a person: who or what, which field, from what to what. Never an address."""

from collections.abc import Iterator
from dataclasses import fields

from django.utils.translation import gettext as _

from tenants.onboarding.roster.plan import Difference, RosterPlan
from tenants.onboarding.roster.problems import shorten
from tenants.onboarding.roster.records import EnrolmentRecord, Record, RosterGuardianship, RosterPerson

LINES_PER_KIND = 20


def differences_of(plan: RosterPlan, lines_per_kind: int = LINES_PER_KIND) -> Iterator[str]:
    """What changes and what ends, at most `lines_per_kind` lines for each kind; what is new is only counted."""
    for kind, difference in plan.by_kind():
        lines = list(_lines_of(difference))
        yield from (f"{kind}: {line}" for line in lines[:lines_per_kind])
        if len(lines) > lines_per_kind:
            yield _("%(kind)s: … and %(count)d more") % {"kind": kind, "count": len(lines) - lines_per_kind}


def _lines_of(difference: Difference[Record]) -> Iterator[str]:
    for old, new in difference.changed:
        yield f"{_label(new)}: {', '.join(_changes(old, new))}"
    for record in difference.ended:
        yield _("%(record)s ends") % {"record": _label(record)}


def _label(record: Record) -> str:
    match record:
        case RosterPerson():
            return shorten(f"{record.given_name} {record.family_name}") + f" ({shorten(record.sourced_id)})"
        case RosterGuardianship():
            return f"{shorten(record.guardian)} → {shorten(record.pupil)}"
        case EnrolmentRecord():
            return f"{shorten(record.person)} in {shorten(record.school_class)}"
        case _:
            return f"{shorten(getattr(record, 'title', '') or getattr(record, 'name', ''))}"


def _changes(old: Record, new: Record) -> Iterator[str]:
    for field in fields(new):  # type: ignore[arg-type]  # every record is a dataclass
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after:
            continue
        if field.name == "contacts":
            channels = sorted({channel for channel, _digest in before ^ after})
            yield _("new address: %(channels)s") % {"channels": ", ".join(channels)}
        elif field.name == "is_active":
            yield _("comes back")
        else:
            yield f"{field.name} {_shown(before)} → {_shown(after)}"


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return "+".join(sorted(map(str, value))) or "-"
    return shorten(str(value)) if value not in (None, "") else "-"
