"""Why the keeper refused a request as it was written: the gate says it in English, and to whoever writes programs."""

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opt_in.selectors.previews import language_name
from opt_in.wording import channel_name

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

REFUSALS: dict[str, "StrPromise"] = {
    "This campaign exists already; a change needs a new campaign.": gettext_lazy(
        "The same request was made before; a change needs a new request."
    ),
    "Unknown purpose; the only one is vendor_offers.": gettext_lazy("It names another purpose than offers."),
    "A product is named by a-z, 0-9, dot, dash.": gettext_lazy("It names no product, or one that cannot be one."),
    "The sender is the id of a registered sender.": gettext_lazy("It names no sender."),
    "The only audience is guardians.": gettext_lazy("It is for others than guardians."),
    "Name at least one known channel.": gettext_lazy("It names no channel, or one that is not known."),
    "Name each channel once in the list.": gettext_lazy("It names a channel twice."),
    "expires_at must lie ahead, within two years.": gettext_lazy("Its last day is over or too far away."),
    "not_before must lie within two years of today.": gettext_lazy("Its first day is too far away."),
    "texts must be an object: channel → language → subject and body.": gettext_lazy("It has no texts."),
    "A language is a code of two small letters.": gettext_lazy("A text is in a language that cannot be one."),
    "A text has a subject and a body and nothing else.": gettext_lazy(
        "A text has something besides its subject and what is written in it."
    ),
    "targets must name countries, and may name schools.": gettext_lazy("It names no countries."),
    "targets.schools is a list of schools, or null for all.": gettext_lazy("Its schools are no list."),
    "A list was expected.": gettext_lazy("Something that must be a list is none."),
}
# The same of one text: channel, language where there is one, and what it needs.
OF_A_TEXT: dict[str, "StrPromise"] = {
    "must hold at least one language.": gettext_lazy("There is no text for this channel: %(channel)s."),
    "needs a body.": gettext_lazy("A text is empty or too long: %(channel)s, %(language)s."),
    "needs a subject of at most 300 letters.": gettext_lazy(
        "A subject is missing or too long: %(channel)s, %(language)s."
    ),
}
_OF_A_TEXT = re.compile(r"texts\.(?P<channel>\w+)(?:\.(?P<language>\w+))? (?P<needs>.+)")


def refusal_said(reason: str | None) -> str:
    """In the reader's language. What the database itself said can only be quoted."""
    if known := REFUSALS.get(reason or ""):
        return str(known)
    found = _OF_A_TEXT.fullmatch(reason or "")
    if found is not None and (sentence := OF_A_TEXT.get(found["needs"])):
        return sentence % {
            "channel": channel_name(found["channel"]),
            "language": language_name(found["language"] or ""),
        }
    return _("It could not be read (%(reason)s).") % {"reason": reason or ""}
