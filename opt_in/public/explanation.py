"""Why a message came, from the gate's answer to the words of the page."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifications.languages import Language, format_day, in_language
from opt_in.envelopes import HANDED_OVER
from opt_in.reasons import reason_for_reader


def explain(facts: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """What the templates need, in the reader's language and the school's days."""
    zone = ZoneInfo(facts["school"]["time_zone"])

    def day_of(part: str, moment: str) -> str | None:
        found = facts.get(part)
        if not found or not found.get(moment):
            return None
        value = str(found[moment])
        # A resolution is dated by day, everything else by moment.
        day = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value).astimezone(zone).date()
        return format_day(day, language)

    receipt = facts.get("receipt") or {}
    now = facts.get("now") or {}
    return {
        "origin": facts["origin"],
        "channel": facts["channel"],
        "was_handed_over": facts["state"] in HANDED_OVER,
        # Only the person's own page gives a code; behind a link everything was sent.
        "reason": reason_for_reader(facts.get("code")),
        "is_offer": facts["class"] == "vendor_marketing",
        "school": in_language(facts["school"]["names"], language),
        "sender": (facts.get("sender") or {}).get("name", ""),
        "allowed_on": day_of("instruction", "made_at"),
        "council_on": day_of("resolution", "decided_on"),
        "approved_on": day_of("approval", "made_at"),
        "consented_on": day_of("consent", "made_at"),
        "decided_on": format_day(datetime.fromisoformat(receipt["leaf"]["at"]).astimezone(zone).date(), language)
        if receipt
        else None,
        "notice": (facts.get("consent") or {}).get("notice"),
        "seq": receipt.get("seq"),
        "has_withdrawn": now.get("consent") == "withdraw",
        "has_objected": bool(now.get("objected")),
    }
