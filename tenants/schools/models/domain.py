from django.db import models
from uuid_utils.compat import uuid7

from tenants.schools.models.school import School


class Domain(models.Model):
    """A host name under which a school is reached. Django-tenants' word for the school is `tenant`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    domain = models.CharField(max_length=253, unique=True)
    tenant = models.ForeignKey(School, on_delete=models.CASCADE, related_name="domains")
    is_primary = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", condition=models.Q(is_primary=True), name="domain_one_primary"),
            models.CheckConstraint(condition=models.Q(domain__regex=r"^[a-z0-9.-]+$"), name="domain_lower_case"),
        ]

    def __str__(self) -> str:
        return self.domain
