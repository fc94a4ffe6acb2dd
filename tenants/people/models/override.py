from django.db import models
from uuid_utils.compat import uuid7


class ScopeOverride(models.Model):
    """A cell of the matrix that this school changed (ACC-2): words of tenants.access, kept below the cell's ceiling."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    action = models.CharField(max_length=40)
    role = models.CharField(max_length=20)
    scope = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "role"], name="override_once_per_cell")]

    def __str__(self) -> str:
        return f"{self.role} {self.action}"
