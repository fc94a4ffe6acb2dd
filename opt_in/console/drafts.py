"""What an operator has written and not sent yet: kept in the session, so that no mistake and no closed tab loses it."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import QueryDict
from django.utils import timezone

from tenants.identity import new_id

KEY = "campaign_drafts"
_NOT_KEPT = {"csrfmiddlewaretoken"}
# Far beyond what the form takes. The session is read with every page.
_LARGEST = 200_000


@dataclass(frozen=True, slots=True)
class Draft:
    """`campaign_id` is given when writing begins, so that sending twice is one request."""

    campaign_id: UUID
    data: QueryDict
    saved_at: str

    @property
    def fingerprint(self) -> str:
        """Of what it says: whoever sends it sends what they looked at."""
        said = json.dumps(sorted(self.data.lists()), ensure_ascii=True)
        return sha256(said.encode()).hexdigest()


def draft_in(session: SessionBase, channel: str) -> Draft | None:
    kept: dict[str, Any] | None = session.get(KEY, {}).get(channel)
    if kept is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in kept["data"].items():
        data.setlist(name, values)
    return Draft(UUID(kept["campaign_id"]), data, kept["saved_at"])


def keep_draft(session: SessionBase, channel: str, data: QueryDict) -> None:
    if sum(len(value) for _name, values in data.lists() for value in values) > _LARGEST:
        return
    before = session.get(KEY, {}).get(channel)
    session[KEY] = session.get(KEY, {}) | {
        channel: {
            "campaign_id": before["campaign_id"] if before else str(new_id()),
            "data": {name: values for name, values in data.lists() if name not in _NOT_KEPT},
            "saved_at": timezone.now().isoformat(),
        }
    }


def drop_draft(session: SessionBase, channel: str) -> None:
    session[KEY] = {name: kept for name, kept in session.get(KEY, {}).items() if name != channel}
