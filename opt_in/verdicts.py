"""Today's verdict over a request in the words of the school: what happens, why, and who can change it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from notifications.languages import format_day, known_language
from opt_in.gate.codes import CODES
from opt_in.gate.types import Proposal, Resolution
from opt_in.reasons import next_step_for, reason_for

# Stage, instruction, Council, director: the rules of the gate that the school alone turns.
OF_THE_SCHOOL = range(5, 10)


@dataclass(frozen=True, slots=True)
class Verdict:
    headline: str
    sentences: tuple[str, ...]


# What the codes advise against these is for the vendor; the director reads it here.
ADVICE_TO_THE_DIRECTOR = {
    "DENY_SENDER_NOT_OWNED": gettext_lazy("Only the vendor can ask anew, with a sender of its own."),
    "DENY_IMPERSONATION": gettext_lazy("Only the vendor can ask anew, signed with its own name only."),
    "DENY_SCHOOL_SCOPE": gettext_lazy("Only the director can authorise what this request needs."),
    "DENY_DIRECTOR_REJECTED": gettext_lazy("The director can still approve it."),
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stands in the way, and what can be done about it by whoever can."""

    code: str
    sentence: str
    next_step: str


def verdict_of(offer: Proposal, *, school: str, opposed_by: Resolution | None, now: datetime) -> Verdict:
    """`opposed_by` is the Council's no that stands against this request's product."""
    if offer.stopped_at is not None:
        return Verdict(_not_sent(offer), (_("The vendor took the request back."),))
    if offer.expires_at <= now:
        return Verdict(_not_sent(offer), (_("Its time is over."),))
    if offer.verdict == "ALLOW":
        return Verdict(_("Allowed."), (_allowed(offer, now),))
    if offer.verdict == "HOLD":
        return Verdict(_("Not sent yet."), tuple(_sentence(code, school, opposed_by) for code in offer.codes))
    denials = sorted((code for code in offer.codes if code.startswith("DENY")), key=_rule)
    sentences = [_sentence(code, school, opposed_by) for code in denials]
    if all(_rule(code) in OF_THE_SCHOOL for code in denials):
        sentences.append(_("Only the school can change this."))
    return Verdict(_not_sent(offer), tuple(sentences))


def obstacles_of(offer: Proposal, *, school: str, opposed_by: Resolution | None) -> list[Obstacle]:
    """Everything that still stands in the way, in the order of the gate's rules."""
    return [
        Obstacle(
            code, _sentence(code, school, opposed_by), str(ADVICE_TO_THE_DIRECTOR.get(code) or next_step_for(code))
        )
        for code in sorted(offer.codes, key=_rule)
    ]


def opposition_said(resolution: Resolution) -> str:
    words = {
        "day": _day(resolution.decided_on),
        "against": resolution.votes_against,
        "for": resolution.votes_for,
    }
    return _("The Parents' Council opposed it on %(day)s (%(against)s against, %(for)s for).") % words


def _sentence(code: str, school: str, opposed_by: Resolution | None) -> str:
    if code == "DENY_SCHOOL_NOT_AUTHORISED":
        return _("%(school)s has not authorised offers to parents.") % {"school": school}
    if code == "DENY_COUNCIL_OPPOSED" and opposed_by is not None:
        return opposition_said(opposed_by)
    return reason_for(code)


def _not_sent(offer: Proposal) -> str:
    # Once it was addressed, some of it may have gone out.
    return _("Not sent.") if offer.expanded_at is None else _("Nothing more is sent.")


def _allowed(offer: Proposal, now: datetime) -> str:
    if offer.expanded_at is None and offer.not_before is not None and offer.not_before > now:
        return _("It will be addressed to the guardians who have said yes when it begins.")
    if offer.expanded_at is None:
        return _("It is being addressed to the guardians who said yes.")
    words = {"queued": offer.queued, "suppressed": offer.suppressed}
    return _("Addressed to guardians: %(queued)s, left out: %(suppressed)s.") % words


def _rule(code: str) -> int:
    explanation = CODES.get(code)
    return explanation.rule if explanation else len(CODES)


def _day(day: date) -> str:
    return format_day(day, known_language(get_language()))
