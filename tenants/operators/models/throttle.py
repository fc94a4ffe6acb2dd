from django.db import models


class OperatorThrottle(models.Model):
    """How often a login failed lately, by a keyed hash of what was typed: alike for names that exist and others."""

    identifier_hash = models.BinaryField(primary_key=True, max_length=32)
    failures = models.PositiveIntegerField()
    last_failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["last_failed_at"], name="operator_throttle_by_age")]

    def __str__(self) -> str:
        return bytes(self.identifier_hash).hex()[:8]
