"""Every code of policy version 1: a plain sentence for whoever asks why, and what can be done about it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Explanation:
    """`rule` is the number in the table of rules."""

    rule: int
    sentence: "str | _StrPromise"
    next_step: "str | _StrPromise"


POLICY_VERSION = 1

CODES: dict[str, Explanation] = {
    "DENY_INPUT_UNAVAILABLE": Explanation(
        0,
        _("Something that the decision needs is not there, so the answer is no."),
        _("Check that the school, the campaign and the contact still exist."),
    ),
    "DENY_UNCLASSIFIED": Explanation(
        1,
        _("Nobody registered this kind of message, so nobody knows what it may do."),
        _("A new kind comes with a release; this message stays unsent."),
    ),
    "DENY_CLASS_DOWNGRADE": Explanation(
        1,
        _("The message claims to be of a more harmless class than its kind."),
        _("Report it: an offer was about to go out as a service message."),
    ),
    "DENY_ORIGIN_MISMATCH": Explanation(
        2,
        _("The message does not come from where it says it comes from."),
        _("Report it: what derives from a campaign is the vendor's and nobody else's."),
    ),
    "DENY_SENDER_NOT_OWNED": Explanation(
        3,
        _("The sender does not belong to the one who writes."),
        _("Propose the campaign anew with one of your own registered senders."),
    ),
    "DENY_IMPERSONATION": Explanation(
        3,
        _("The sender, the subject, the first or the closing lines carry the school's name, as if it had written."),
        _("Propose the campaign anew, signed with your own name only."),
    ),
    "DENY_KILL_SWITCH": Explanation(
        4,
        _("Sending was stopped for the platform, the channel or this campaign."),
        _("Wait until whoever stopped it allows it again. A stopped campaign stays stopped."),
    ),
    "DENY_SCHOOL_NOT_LIVE": Explanation(
        5,
        _("The school has not opened yet, or is suspended."),
        _("The director opens the school; before that nothing is sent."),
    ),
    "DENY_SCHOOL_NOT_AUTHORISED": Explanation(
        7,
        _("The school has not authorised the vendor."),
        _("Only the director can; doing nothing means no."),
    ),
    "DENY_SCHOOL_REVOKED": Explanation(
        7,
        _("The school has revoked its authorisation."),
        _("Only the director can authorise anew."),
    ),
    "DENY_SCHOOL_EXPIRED": Explanation(
        7,
        _("The school's authorisation has ended; each one ends with the school year at the latest."),
        _("Only the director can authorise anew."),
    ),
    "DENY_SCHOOL_SCOPE": Explanation(
        7,
        _("The school's authorisation does not cover this purpose, product or channel."),
        _("Propose what is covered, or ask the director for an authorisation that covers it."),
    ),
    "HOLD_INSTRUCTION_NOT_YET_VALID": Explanation(
        7,
        _("The school's authorisation begins later."),
        _("Nothing needs to be done; it is looked at again then."),
    ),
    "DENY_COUNCIL_OPPOSED": Explanation(
        8,
        _("The Parents' Council decided against it."),
        _("Only a later resolution of the Council, confirmed by its chair, changes that."),
    ),
    "DENY_COUNCIL_MISSING": Explanation(
        8,
        _("There is no positive resolution of the Parents' Council that covers this and is confirmed by its chair."),
        _("The Council decides, the director records it, the chair confirms it."),
    ),
    "DENY_COUNCIL_EXPIRED": Explanation(
        8,
        _("The resolution of the Parents' Council is of an earlier school year."),
        _("The Council decides anew for this school year."),
    ),
    "HOLD_COUNCIL_NOT_YET_VALID": Explanation(
        8,
        _("The resolution of the Parents' Council takes effect later."),
        _("Nothing needs to be done; it is looked at again then."),
    ),
    "HOLD_AWAITING_DIRECTOR": Explanation(
        9,
        _("The director has not looked at the content yet."),
        _("The director approves or rejects exactly this content."),
    ),
    "DENY_DIRECTOR_REJECTED": Explanation(
        9,
        _("The director rejected the content."),
        _("Propose another campaign."),
    ),
    "DENY_CONTENT_CHANGED": Explanation(
        9,
        _("The content is not the one that the director approved."),
        _("The director looks at the present content and approves or rejects it."),
    ),
    "DENY_NOT_GUARDIAN": Explanation(
        10,
        _("The recipient is not an active guardian here; for the school's own messages, not an active person."),
        _("Correct the person's roles at the school if they are wrong."),
    ),
    "DENY_MINOR": Explanation(
        10,
        _("The recipient is not an adult."),
        _("Offers never go to minors; correct the date of birth if it is wrong."),
    ),
    "DENY_SUPPRESSED_OBJECTION": Explanation(
        11,
        _("The recipient objected to all marketing of the vendor."),
        _("Nothing: the objection holds at every school."),
    ),
    "DENY_SUPPRESSED_COMPLAINT": Explanation(
        11,
        _("The recipient complained about an earlier message."),
        _("Nothing: no offers go to this address."),
    ),
    "DENY_SUPPRESSED_STOP": Explanation(
        11,
        _("The recipient answered with a stop word."),
        _("Nothing: no offers go to this address."),
    ),
    "DENY_SUPPRESSED_BOUNCE": Explanation(
        11,
        _("Messages to this address came back as undeliverable."),
        _("The person enters and verifies another address."),
    ),
    "DENY_NO_OPT_IN": Explanation(
        12,
        _("The recipient has not said yes to offers through this channel."),
        _("Only the recipient can."),
    ),
    "DENY_OPT_IN_WITHDRAWN": Explanation(
        12,
        _("The recipient has withdrawn the yes."),
        _("Only the recipient can say yes again."),
    ),
    "DENY_OPT_IN_REFUSED": Explanation(
        12,
        _("The recipient said no."),
        _("It is remembered; the question is not asked again this school year."),
    ),
    "DENY_OPT_IN_EXPIRED": Explanation(
        12,
        _("The recipient's yes ended with the school year."),
        _("Only the recipient can say yes again."),
    ),
    "DENY_OPT_IN_INVALID_CAPTURE": Explanation(
        12,
        _("The yes was not the recipient's own act: somebody else entered it, or it came with a form or an import."),
        _("Only a yes that the recipient gives in person counts."),
    ),
    "DENY_OPT_IN_NOTICE_SUPERSEDED": Explanation(
        12,
        _("The text that the recipient agreed to is no longer the approved one."),
        _("Ask under the present text."),
    ),
    "DENY_OPT_IN_OUTSIDE_INSTRUCTION": Explanation(
        12,
        _("The yes was given while the school had not authorised the vendor to ask."),
        _("Ask again while an authorisation is in force."),
    ),
    "DENY_NO_CONTACT": Explanation(
        13,
        _("There is no address of the recipient for this channel."),
        _("The person enters one and verifies it."),
    ),
    "DENY_CONTACT_UNVERIFIED": Explanation(
        13,
        _("The address is not verified by code."),
        _("The person verifies it."),
    ),
    "DENY_CONTACT_CHANGED": Explanation(
        13,
        _("The address changed after the yes was given for it."),
        _("The person says yes for the new address."),
    ),
    "DENY_CONTACT_PROVENANCE": Explanation(
        13,
        _("The yes was given for another address than this one."),
        _("The person says yes for this address."),
    ),
    "DENY_NO_WITHDRAWAL_PATH": Explanation(
        14,
        _("The sender offers no working way out on this channel."),
        _("Propose the campaign anew with a sender that carries one."),
    ),
    "DENY_DUPLICATE": Explanation(
        15,
        _("The recipient got this message already."),
        _("Nothing: each campaign reaches a person once per channel at most."),
    ),
    "DENY_MESSAGE_EXPIRED": Explanation(
        16,
        _("The message is too late to be of use."),
        _("Nothing; it was not sent."),
    ),
    "HOLD_NOT_BEFORE": Explanation(
        16,
        _("The message is not to go out before a later time."),
        _("Nothing needs to be done; it is looked at again then."),
    ),
}
