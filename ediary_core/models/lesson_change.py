from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from ediary_core.models.lesson import Lesson


class ChangeKind(models.TextChoices):
    ATTENDANCE = "attendance", _("Attendance")
    TOPIC = "topic", _("Topic")
    SUBSTITUTION = "substitution", _("Substitution")


class LessonChange(models.Model):
    """One entry into a lesson: who, when, before, after. The database refuses to change or delete a row (ACC-13).

    The id is that of the device's entry, so the same entry sent twice is one row. An entry that arrived after a newer
    one is kept, and not applied.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="changes", db_index=False)
    kind = models.CharField(max_length=16, choices=ChangeKind)
    pupil = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    before = models.CharField(max_length=255, blank=True)
    after = models.CharField(max_length=255, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    # When the teacher entered it, by the school's server's clock; an entry made without a network arrives later.
    entered_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    is_applied = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ChangeKind.values), name="lesson_change_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind=ChangeKind.ATTENDANCE, pupil__isnull=False)
                | (~models.Q(kind=ChangeKind.ATTENDANCE) & models.Q(pupil=None)),
                name="lesson_change_pupil_of_attendance",
            ),
        ]
        indexes = [models.Index(fields=["lesson", "kind", "pupil", "-entered_at"], name="lesson_changes_latest")]

    def __str__(self) -> str:
        return str(self.id)
