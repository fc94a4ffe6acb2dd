"""A guardian's own yes, no and never again. Nobody else can say it for them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.errors import GateConflict
from opt_in.purposes import VENDOR_OFFERS
from opt_in.selectors.consents import channels_to_ask_through
from tenants.people.models import ContactPoint, User


@transaction.atomic
def give_consent(*, guardian: User, contact: ContactPoint, notice_id: UUID, capture: str) -> UUID:
    """Record the guardian's yes to the vendor's offers through this contact, under the text that was shown.

    A yes that could never count is not taken (GateConflict): nobody should believe to have said something else.
    """
    if contact.channel not in channels_to_ask_through(now=timezone.now()):
        raise GateConflict("The school has not authorised the vendor to ask through this channel.")
    if contact.verified_at is None or not contact.is_active:
        raise GateConflict("The address is not verified.")
    if notice_id not in {notice.notice_id for notice in gate.notices()}:
        raise GateConflict("The text that was shown is no longer the one in force.")
    return gate.give_consent(
        actor=guardian.id,
        subject=guardian.id,
        purpose=VENDOR_OFFERS,
        channel=contact.channel,
        contact_id=contact.id,
        contact_version=contact.version,
        notice_id=notice_id,
        capture=capture,
    )


@transaction.atomic
def refuse_offers(*, guardian: User, channels: Iterable[str]) -> None:
    """The guardian's no to the question as a whole: on each of these channels."""
    for channel in channels:
        refuse_consent(guardian=guardian, channel=channel)


@transaction.atomic
def refuse_consent(*, guardian: User, channel: str) -> None:
    gate.refuse_consent(actor=guardian.id, subject=guardian.id, purpose=VENDOR_OFFERS, channel=channel)


@transaction.atomic
def withdraw_consent(*, guardian: User, channel: str) -> int:
    """Withdraw at once; returns how many messages had already been handed over."""
    return gate.withdraw_consent(actor=guardian.id, subject=guardian.id, purpose=VENDOR_OFFERS, channel=channel)


@transaction.atomic
def object_to_vendor(*, guardian: User) -> int:
    """GDPR 21(2)-(3): no marketing of this vendor to any of the guardian's addresses, at any school."""
    return gate.object_to_vendor(actor=guardian.id, subject=guardian.id)
