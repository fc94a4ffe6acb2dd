from django.db import models


class SchoolSettings(models.Model):
    """What this school chose, one row: written from the country's profile when the school is provisioned."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    pupil_account_from_grade = models.PositiveSmallIntegerField()
    guardian_session_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    staff_session_hours = models.PositiveSmallIntegerField(default=10, db_default=10)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="settings_one_row")]

    def __str__(self) -> str:
        return "settings"
