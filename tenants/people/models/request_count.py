from django.db import models


class RequestCount(models.Model):
    """How often somebody asked the API in one minute: a token, a person or, while nobody is known, an address."""

    # A keyed hash, so that the table names neither a person nor an address.
    caller_hash = models.BinaryField(primary_key=True, max_length=32)
    # Minutes since 1970.
    minute = models.PositiveIntegerField()
    requests = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["minute"], name="request_count_by_age")]

    def __str__(self) -> str:
        return bytes(self.caller_hash).hex()[:8]
