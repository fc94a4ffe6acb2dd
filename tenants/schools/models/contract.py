from django.db import models
from uuid_utils.compat import uuid7

from tenants.schools.models.school import School


class Contract(models.Model):
    """The school's contract with its data-processing agreement (GDPR 28(3)): which text, who signed, when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="contracts")
    dpa_version = models.CharField(max_length=32)
    dpa_sha256 = models.BinaryField(max_length=32)
    signed_by_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("school", "dpa_version", name="contract_version_once")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.dpa_version}"
