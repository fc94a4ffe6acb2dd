from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class SessionKind(models.TextChoices):
    """OneRoster's words."""

    SCHOOL_YEAR = "schoolYear", _("School year")
    SEMESTER = "semester", _("Semester")
    TERM = "term", _("Term")
    GRADING_PERIOD = "gradingPeriod", _("Assessment period")


class AcademicSession(models.Model):
    """A school year or a part of one. `school_year` is the year in which the school year ends, as in OneRoster."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The roster's own id; null for what the school made itself.
    sourced_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    title = models.CharField(max_length=255)
    kind = models.CharField(max_length=16, choices=SessionKind)
    begins_on = models.DateField()
    ends_on = models.DateField()
    school_year = models.PositiveSmallIntegerField()
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", db_index=False
    )
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sourced_id"], name="session_sourced_id_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("begins_on")), name="session_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.title
