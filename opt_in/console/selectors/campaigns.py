"""The vendor's requests and what became of them, out of what the gate tells the vendor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator

from opt_in.gate import vendor as gate
from opt_in.gate.types import Request

LONGEST_HEADLINE = 80


@dataclass(frozen=True, slots=True)
class Campaign:
    """A request as it was put into the inbox. Whatever it holds was not checked yet, so every field may be empty."""

    id: UUID
    product: str
    sender: str
    channels: Sequence[str]
    texts: Mapping[str, Any]
    countries: Sequence[str]
    schools: Sequence[str] | None
    not_before: datetime | None
    expires_at: datetime | None
    made_at: datetime
    handled_at: datetime | None
    outcome: str | None
    reason: str | None
    stopped_at: datetime | None

    @property
    def state(self) -> str:
        """waiting (for the keeper), refused (by the keeper), stopped, over or running."""
        if self.handled_at is None:
            return "waiting"
        if self.outcome != "done":
            return "refused"
        if self.stopped_at is not None:
            return "stopped"
        return "over" if self.expires_at is not None and self.expires_at <= timezone.now() else "running"

    @property
    def last_day(self) -> date | None:
        """The end is the first moment after it."""
        if self.expires_at is None:
            return None
        return timezone.localtime(self.expires_at - timedelta(microseconds=1)).date()

    def headline(self, language: str) -> str:
        """What tells it from another one for the same product: the subject, or how the text message begins; in this
        language if it was written in it."""
        for texts in self.texts.values():
            if isinstance(texts, dict):
                # English last: schools that are asked speak it only beside their own.
                written = sorted(texts, key=lambda its_language: its_language == "en")
                lines = {its_language: _line(texts[its_language]) for its_language in written}
                if found := lines.get(language) or next(filter(None, lines.values()), ""):
                    return found
        return ""


def _line(text: Any) -> str:
    if not isinstance(text, dict):
        return ""
    said = _word(text.get("subject")) or _word(text.get("body"))
    return Truncator(" ".join(said.split())).chars(LONGEST_HEADLINE)


def campaigns() -> list[Campaign]:
    """All requests, the newest first. One sent twice counts once: the keeper refuses the second of the same id."""
    by_id = {request.campaign_id: _read(request) for request in gate.campaigns()}
    return sorted(by_id.values(), key=lambda campaign: campaign.made_at, reverse=True)


def campaign_called(campaign_id: UUID) -> Campaign | None:
    return next((campaign for campaign in campaigns() if campaign.id == campaign_id), None)


def _read(request: Request) -> Campaign:
    body = request.body
    targets = _mapping(body.get("targets"))
    schools = targets.get("schools")
    return Campaign(
        id=request.campaign_id,
        product=_word(body.get("product")),
        sender=_word(body.get("sender")),
        channels=_words(body.get("channels")),
        texts=_mapping(body.get("texts")),
        countries=_words(targets.get("countries")),
        schools=_words(schools) if schools is not None else None,
        not_before=_moment(body.get("not_before")),
        expires_at=_moment(body.get("expires_at")),
        made_at=request.made_at,
        handled_at=request.handled_at,
        outcome=request.outcome,
        reason=request.reason,
        stopped_at=request.stopped_at,
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _moment(value: Any) -> datetime | None:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # At both ends of the calendar there is no day in another zone.
    return found if found is not None and timezone.is_aware(found) and 1 < found.year < 9999 else None
