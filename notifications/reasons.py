"""Why a school as a whole is not reached by a vendor's request, in one sentence for its director.

Only the codes that a verdict on the whole school can carry; the catalogue of all codes is the gate's.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

REASONS: dict[str, Promise | str] = {
    "DENY_SENDER_NOT_OWNED": _("The sender does not belong to the vendor."),
    "DENY_IMPERSONATION": _("The offer looks as if your school had written it."),
    "DENY_KILL_SWITCH": _("Offers are stopped at the moment."),
    "DENY_SCHOOL_NOT_LIVE": _("Your school has not opened Zgoda to parents yet."),
    "DENY_SCHOOL_NOT_AUTHORISED": _("Your school has not authorised offers to parents."),
    "DENY_SCHOOL_REVOKED": _("Your school has revoked its authorisation."),
    "DENY_SCHOOL_EXPIRED": _("Your school's authorisation has ended."),
    "DENY_SCHOOL_SCOPE": _("Your school's authorisation does not cover this offer."),
    "HOLD_INSTRUCTION_NOT_YET_VALID": _("Your school's authorisation has not started yet."),
    "DENY_COUNCIL_MISSING": _("There is no resolution of the Parents' Council."),
    "DENY_COUNCIL_OPPOSED": _("The Parents' Council opposed it."),
    "DENY_COUNCIL_EXPIRED": _("The resolution of the Parents' Council is of an earlier school year."),
    "HOLD_COUNCIL_NOT_YET_VALID": _("The resolution of the Parents' Council does not apply yet."),
    "HOLD_AWAITING_DIRECTOR": _("You have not approved this content."),
    "DENY_DIRECTOR_REJECTED": _("You refused this content."),
    "DENY_CONTENT_CHANGED": _("The content is not the one that you approved."),
}
OTHER_REASON = pgettext_lazy("reason", "Zgoda shows it beside the request.")


def reason_for(code: str | None) -> str:
    return str(REASONS.get(code or "", OTHER_REASON))
