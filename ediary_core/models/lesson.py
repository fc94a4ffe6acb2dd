from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7

from ediary_core.models.school_class import SchoolClass


class Lesson(models.Model):
    """One lesson that was given: class, day, number of the lesson in the day, topic. It is begun with the first entry
    and recorded once it has a topic and the attendance of every pupil."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="lessons", db_index=False)
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="lessons", db_index=False
    )
    held_on = models.DateField()
    period = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=255, blank=True)
    is_substitution = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_class", "held_on", "period"], name="lesson_recorded_once"),
            # Period 0 is the lesson before the first one, customary in all three countries.
            models.CheckConstraint(condition=models.Q(period__lte=15), name="lesson_period_of_a_day"),
            models.CheckConstraint(
                condition=models.Q(recorded_at=None) | ~models.Q(topic=""), name="lesson_recorded_has_topic"
            ),
        ]
        indexes = [models.Index(fields=["teacher", "held_on"], name="lessons_of_teacher")]

    def __str__(self) -> str:
        return str(self.id)
