from django.db import models
from uuid_utils.compat import uuid7

from tenants.people.models.user import User


class RoleAssignment(models.Model):
    """That a person has a role from one day to another; an open end means now. History stays (ACC-13)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments", db_index=False)
    role = models.CharField(max_length=20)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(until=None), name="role_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="role_ends_after_it_began"
            ),
        ]
        indexes = [models.Index(fields=["role"], condition=models.Q(until=None), name="role_holders")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
