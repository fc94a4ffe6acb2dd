"""The director's word on the exact content of one campaign."""

from uuid import UUID

from django.db import transaction

from opt_in.gate import school as gate
from opt_in.tasks import expand_later
from tenants.people.models import User


@transaction.atomic
def approve_content(*, director: User, campaign_id: UUID, content_sha256: bytes) -> None:
    """Approve what the director saw. Another content, even by one letter, is not covered."""
    gate.approve_content(actor=director.id, campaign_id=campaign_id, content_sha256=content_sha256)
    expand_later()


@transaction.atomic
def reject_content(*, director: User, campaign_id: UUID, reason: str) -> None:
    gate.reject_content(actor=director.id, campaign_id=campaign_id, reason=reason)
