"""How pages name a message's kind and what became of it."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

KINDS: dict[str, "StrPromise"] = {
    "proposal": _("Request of the vendor"),
    "vendor.campaign": _("Offer"),
    "school.message": _("Message of the school"),
    "contact.code": _("Code that verifies an address"),
    "campaign.proposed": _("Notice about a request of the vendor"),
    "ledger.checkpoint": _("Checkpoint of the ledger"),
}
STATES: dict[str, "StrPromise"] = {
    "queued": pgettext_lazy("message", "Waiting"),
    "claimed": pgettext_lazy("message", "On its way"),
    "sent": pgettext_lazy("message", "Sent"),
    "failed": pgettext_lazy("message", "Could not be delivered"),
    "bounced": pgettext_lazy("message", "Came back"),
    "unknown": pgettext_lazy("message", "Handed over, outcome unknown"),
    "denied": pgettext_lazy("message", "Refused at the last moment"),
    "suppressed": pgettext_lazy("message", "Not sent"),
    "cancelled": pgettext_lazy("message", "Called off"),
    "expired": pgettext_lazy("message", "Too late, not sent"),
    # a request: the first verdict on the school as a whole
    "ALLOW": pgettext_lazy("request", "Allowed by an authorisation"),
    "HOLD": pgettext_lazy("request", "Waits"),
    "DENY": pgettext_lazy("request", "Refused"),
}
REACHED = frozenset({"sent", "claimed", "unknown"})
# The dispatcher had it in hand, whatever became of it then.
HANDED_OVER = REACHED | {"failed", "bounced"}
REFUSED = frozenset({"denied", "suppressed", "cancelled", "expired", "DENY"})


def kind_name(kind: str) -> str:
    """A kind of a newer release is shown by its own word."""
    return str(KINDS.get(kind, kind))


def state_name(state: str) -> str:
    return str(STATES.get(state, state))
