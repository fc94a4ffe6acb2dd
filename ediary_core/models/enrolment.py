from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from ediary_core.models.school_class import SchoolClass


class EnrolmentRole(models.TextChoices):
    PUPIL = "pupil", _("Pupil")
    TEACHER = "teacher", _("Teacher")
    ASSISTANT = "assistant", _("Assistant")


class Enrolment(models.Model):
    """That a person belongs to a class, as a pupil or as one who teaches there. The primary teacher of a homeroom
    class leads it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sourced_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="enrolments", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    role = models.CharField(max_length=16, choices=EnrolmentRole)
    is_primary = models.BooleanField(default=False)
    # The plan, inclusive; null is the class's own span.
    begins_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    # The first day on which the person no longer belonged, whatever the plan said.
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sourced_id"], name="enrolment_sourced_id_once"),
            models.UniqueConstraint(
                fields=["school_class", "person", "role"],
                condition=models.Q(ended_on=None),
                name="enrolment_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
