"""What a leaf of the ledger says, as a sentence. The exact text stands beside it on the page."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from notifications.languages import format_day, known_language
from opt_in.envelopes import kind_name, state_name
from opt_in.gate.types import Leaf
from opt_in.reasons import reason_for
from opt_in.wording import by_channels, product_name, product_names

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadLeaf:
    """`detail` says why, where there is a why."""

    stream: str
    seq: int
    at: datetime
    sentence: str
    detail: str
    body: str


def read_leaf(leaf: Leaf) -> ReadLeaf:
    body: Body = json.loads(leaf.body)
    say = SENTENCES.get(str(body["act"]))
    return ReadLeaf(
        stream=leaf.stream,
        seq=leaf.seq,
        at=datetime.fromisoformat(body["at"]),
        sentence=say(body) if say else str(body["act"]),
        detail=reason_for(body.get("code")),
        body=leaf.body,
    )


def _stage(body: Body) -> str:
    if body["stage"] == "live":
        return _("The school opened: from now on it may reach its people.")
    return _("The school was suspended: its pages and messages to families stopped.")


def _authorise(body: Body) -> str:
    return _("The director authorised offers: %(products)s, %(by)s.") % {
        "products": product_names(body["products"]),
        "by": by_channels(body["channels"]),
    }


def _resolution(body: Body) -> str:
    votes = dict(zip(("for", "against", "abstained"), body["votes"], strict=True))
    decided = date.fromisoformat(body["decided_on"])
    words = {**votes, "day": format_day(decided, known_language(get_language()))}
    if body["outcome"] == "positive":
        return _("Recorded: the Council agreed on %(day)s (%(for)s for, %(against)s against).") % words
    return _("Recorded: the Council opposed on %(day)s (%(for)s for, %(against)s against).") % words


def _act_of_guardian(text: str) -> Callable[[Body], str]:
    return lambda body: _(text) % {"by": by_channels([body["channel"]])}


def _plain(text: str) -> Callable[[Body], str]:
    return lambda _body: _(text)


def _propose(body: Body) -> str:
    return _("The vendor asked to offer: %(product)s, %(by)s. %(verdict)s.") % {
        "product": product_name(body["product"]),
        "by": by_channels(body["channels"]),
        "verdict": state_name(body["verdict"]),
    }


def _kill_switch(body: Body) -> str:
    return _("Sending was stopped by a switch.") if body["on"] else _("A switch that stopped sending was released.")


def _decide(body: Body) -> str:
    words = {"kind": kind_name(body["kind"]), "by": by_channels([body["channel"]])}
    if body["verdict"] == "ALLOW":
        return _("%(kind)s to one person %(by)s: allowed.") % words
    return _("%(kind)s to one person %(by)s: refused.") % words


def _expand(body: Body) -> str:
    return _("An offer was addressed to the guardians: %(queued)s wait, %(suppressed)s are not sent.") % body


def _ended(body: Body) -> str:
    number = len(body["envelopes"])
    return ngettext(
        "%(number)s waiting message was called off.", "%(number)s waiting messages were called off.", number
    ) % {"number": number}


def _outcomes(body: Body) -> str:
    number = len(body["outcomes"])
    return ngettext(
        "What became of %(number)s message was noted.", "What became of %(number)s messages was noted.", number
    ) % {"number": number}


SENTENCES: dict[str, Callable[[Body], str]] = {
    "register": _plain(gettext_noop("The school was registered.")),
    "rename": _plain(gettext_noop("The school's name changed.")),
    "officers": _plain(gettext_noop("Who may decide for the school and its Parents' Council changed.")),
    "stage": _stage,
    "authorise": _authorise,
    "revoke": _plain(gettext_noop("The director revoked the authorisation. Nothing decided later was sent.")),
    "resolution": _resolution,
    "confirm": _plain(gettext_noop("The chair of the Parents' Council confirmed a resolution.")),
    "approved": _plain(gettext_noop("The director approved the exact content of an offer.")),
    "rejected": _plain(gettext_noop("The director refused the content of an offer.")),
    "give": _act_of_guardian(gettext_noop("A guardian said yes to offers %(by)s.")),
    "refuse": _act_of_guardian(gettext_noop("A guardian said no to offers %(by)s.")),
    "withdraw": _act_of_guardian(gettext_noop("A guardian withdrew the yes to offers %(by)s.")),
    "object": _plain(gettext_noop("Somebody objected to every offer of the vendor.")),
    "erase": _plain(gettext_noop("A person's record was erased.")),
    "suppress": _plain(gettext_noop("An address was closed to further offers.")),
    "propose": _propose,
    "stop": _plain(gettext_noop("The vendor stopped a request.")),
    "kill_switch": _kill_switch,
    "decide": _decide,
    "expand": _expand,
    "cancelled": _ended,
    "expired": _ended,
    "outcomes": _outcomes,
}
