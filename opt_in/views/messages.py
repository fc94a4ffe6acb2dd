"""What came to me, and why: one's own messages, newest first."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language

from notifications.languages import known_language
from opt_in.public.explanation import explain
from opt_in.selectors.consents import consents_for
from opt_in.selectors.messages import OwnMessage, explained_to, messages_of, own_message
from tenants.access import Action, Scope
from tenants.doors import Door

ON_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of messages; `older` is where the next one begins."""

    messages: list[OwnMessage]
    older: UUID | None
    is_first: bool


class OwnMessages(Door):
    action = Action.MESSAGE_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        before = _id_in(request.GET.get("before", ""))
        found = messages_of(self.person, limit=ON_A_PAGE + 1, before=before)
        older = found[ON_A_PAGE - 1].envelope_id if len(found) > ON_A_PAGE else None
        return self.page("opt_in/messages.html", {"shelf": Shelf(found[:ON_A_PAGE], older, before is None)})


class OneMessage(Door):
    action = Action.MESSAGE_VIEW

    def get(self, request: HttpRequest, envelope_id: UUID) -> HttpResponse:
        message = own_message(self.person, envelope_id)
        if message is None:
            raise Http404
        return self.page("opt_in/message.html", {"message": message})


class Why(Door):
    """The same words as behind the link in the mail, for whoever is logged in."""

    action = Action.MESSAGE_VIEW

    def get(self, request: HttpRequest, envelope_id: UUID) -> HttpResponse:
        facts = explained_to(self.person, envelope_id)
        if facts is None:
            raise Http404
        why = explain(facts, known_language(get_language()))
        own = None
        if why["is_offer"] and self.access.reach(Action.CONSENT_GIVE) is not Scope.NONE:
            own = consents_for(self.person).of(facts["channel"])
        return self.page("opt_in/why.html", {**why, "envelope_id": envelope_id, "consent": own})


def _id_in(text: str) -> UUID | None:
    """Where the page begins; whatever is no id begins at the newest."""
    try:
        return UUID(text)
    except ValueError:
        return None
