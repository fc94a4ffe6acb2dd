"""Why something was not sent, as a sentence in the reader's language: the gate's own catalogue of codes."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from opt_in.gate.codes import CODES

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What the catalogue says of a recipient, said to that recipient.
OF_THE_READER: dict[str, "StrPromise"] = {
    "DENY_NOT_GUARDIAN": _("By the school's list this message was not for you."),
    "DENY_MINOR": _("Offers go to adults only."),
    "DENY_SUPPRESSED_OBJECTION": _("You had objected to every offer of the vendor."),
    "DENY_SUPPRESSED_COMPLAINT": _("You had complained about an earlier message."),
    "DENY_SUPPRESSED_STOP": _("You had answered with a stop word."),
    "DENY_NO_OPT_IN": _("You had not said yes to offers through this channel."),
    "DENY_OPT_IN_WITHDRAWN": _("You had taken your yes back."),
    "DENY_OPT_IN_REFUSED": _("You had said no."),
    "DENY_OPT_IN_EXPIRED": _("Your yes had ended with the school year."),
    "DENY_OPT_IN_INVALID_CAPTURE": _(
        "The yes was not your own act: somebody else entered it, or it came with a form or an import."
    ),
    "DENY_OPT_IN_NOTICE_SUPERSEDED": _("The text that you agreed to was no longer the approved one."),
    "DENY_NO_CONTACT": _("We had no address or number of yours for this channel."),
    "DENY_DUPLICATE": _("You had got this message already."),
}


def reason_for(code: str | None) -> str:
    """The plain sentence; empty without a code, and the code itself for one of a newer gate."""
    explanation = CODES.get(code or "")
    return str(explanation.sentence) if explanation else code or ""


def reason_for_reader(code: str | None) -> str:
    """The same, said to the person whom the message was for."""
    return str(OF_THE_READER[code]) if code in OF_THE_READER else reason_for(code)


def next_step_for(code: str | None) -> str:
    """What can be done about it, by whoever can."""
    explanation = CODES.get(code or "")
    return str(explanation.next_step) if explanation else ""
