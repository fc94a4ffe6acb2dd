from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from ediary_core.models.lesson import Lesson


class AttendanceStatus(models.TextChoices):
    """What SI, PL and UA have in common; `absent` is an absence that nobody has judged yet."""

    PRESENT = "present", _("Present")
    ABSENT = "absent", _("Absent")
    EXCUSED = "excused", _("Absent, excused")
    UNEXCUSED = "unexcused", _("Absent, not excused")
    ILL = "ill", _("Ill")
    LATE = "late", _("Late")
    LATE_EXCUSED = "late_excused", _("Late, excused")
    SCHOOL_DUTY = "school_duty", _("Away for the school")
    RELEASED = "released", _("Released")


class Attendance(models.Model):
    """Whether a pupil was there. Every pupil of the class has one for every lesson: a gap would be a guess."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="attendance", db_index=False)
    pupil = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attendance")
    status = models.CharField(max_length=16, choices=AttendanceStatus)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lesson", "pupil"], name="attendance_once_per_lesson"),
            models.CheckConstraint(
                condition=models.Q(status__in=AttendanceStatus.values), name="attendance_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.status
