from django.db import models
from uuid_utils.compat import uuid7


class SchoolUnit(models.Model):
    """The school as its roster names it (OneRoster org). Remembered so that another school's roster is noticed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sourced_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    identifier = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sourced_id"], name="unit_sourced_id_once")]

    def __str__(self) -> str:
        return self.name
