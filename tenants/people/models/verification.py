from django.db import models
from uuid_utils.compat import uuid7

from tenants.people.models.contact import ContactPoint


class VerificationCode(models.Model):
    """A code sent to one version of a contact point. Only a keyed hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="codes")
    contact_version = models.PositiveIntegerField()
    code_hash = models.BinaryField(max_length=32)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts_left = models.PositiveSmallIntegerField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(ended_at=None), name="verification_one_open_code"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
