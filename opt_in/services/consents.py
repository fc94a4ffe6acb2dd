"""A guardian's own yes, no and never again. Nobody else can say it for them."""

from uuid import UUID

from django.db import transaction

from opt_in.gate import school as gate
from tenants.people.models import ContactPoint, User

VENDOR_OFFERS = "vendor_offers"


@transaction.atomic
def give_consent(*, guardian: User, contact: ContactPoint, notice_id: UUID, capture: str) -> UUID:
    """Record the guardian's yes to the vendor's offers through this contact, under the text that was shown."""
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
