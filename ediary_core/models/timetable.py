from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7

from ediary_core.models.school_class import SchoolClass


class TimetableEntry(models.Model):
    """That a class meets on a weekday in a period, from one day to another, inclusive; an open end means until further
    notice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="timetable", db_index=False)
    # ISO 8601: 1 is Monday.
    weekday = models.PositiveSmallIntegerField()
    period = models.PositiveSmallIntegerField()
    # Null is whoever teaches the class.
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="timetable"
    )
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school_class", "weekday", "period", "begins_on"], name="timetable_begins_once"
            ),
            models.UniqueConstraint(
                fields=["school_class", "weekday", "period"],
                condition=models.Q(ends_on=None),
                name="timetable_once_at_a_time",
            ),
            models.CheckConstraint(condition=models.Q(weekday__range=(1, 7)), name="timetable_weekday_of_a_week"),
            models.CheckConstraint(condition=models.Q(period__lte=15), name="timetable_period_of_a_day"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("begins_on")),
                name="timetable_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Bell(models.Model):
    """When a period begins and ends, by the school's clock."""

    period = models.PositiveSmallIntegerField(primary_key=True)
    begins_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(period__lte=15), name="bell_period_of_a_day"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="bell_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return str(self.period)
