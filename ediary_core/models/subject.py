from django.db import models
from uuid_utils.compat import uuid7


class Subject(models.Model):
    """What is taught (OneRoster course)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sourced_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    title = models.CharField(max_length=255)
    code = models.CharField(max_length=255, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sourced_id"], name="subject_sourced_id_once")]

    def __str__(self) -> str:
        return self.title
