from django.db import models
from uuid_utils.compat import uuid7

from tenants.people.models.user import User


class ApiToken(models.Model):
    """A person's own key to the API of this school: acts as that person, never as more. Only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    token_sha256 = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_sha256"], name="token_once")]

    def __str__(self) -> str:
        return str(self.id)
