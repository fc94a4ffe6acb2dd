from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from ediary_core.models.subject import Subject


class ClassKind(models.TextChoices):
    """OneRoster's words: a homeroom class (in a preschool a group) is led; a scheduled one is taught a subject."""

    HOMEROOM = "homeroom", _("Class or group")
    SCHEDULED = "scheduled", _("Subject in a class")


class SchoolClass(models.Model):
    """A group of pupils that meets (OneRoster class), for the span of the terms it is planned for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sourced_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    title = models.CharField(max_length=255)
    code = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=16, choices=ClassKind)
    grades = models.CharField(max_length=255, blank=True)
    location = models.CharField(max_length=255, blank=True)
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="classes", db_index=False
    )
    school_year = models.PositiveSmallIntegerField()
    begins_on = models.DateField()
    ends_on = models.DateField()
    # The day on which the school dissolved it; what was recorded until then stays.
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sourced_id"], name="class_sourced_id_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("begins_on")), name="class_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ClassKind.HOMEROOM) | models.Q(subject__isnull=False),
                name="class_scheduled_has_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.title
