"""What was found in an upload, line by line, for a page that filters and turns over. Gone when the import has ended."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from tenants.onboarding.models.roster_import import RosterImport


class Group(models.TextChoices):
    """Whom or what a line is about."""

    PUPIL = "pupil", _("Pupils")
    GUARDIAN = "guardian", _("Guardians")
    STAFF = "staff", _("Staff")
    OTHER = "other", _("Other people")
    CLASS = "class", _("Classes")
    SUBJECT = "subject", _("Subjects")
    SESSION = "session", _("School years and terms")
    SCHOOL = "school", _("School")


class Change(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    ENDS = "ends", _("Leaves")


class RosterProblem(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="problems", db_index=False)
    position = models.PositiveIntegerField()
    file = models.CharField(max_length=120)
    line = models.PositiveIntegerField(null=True)
    field = models.CharField(max_length=120, blank=True)
    # JSON of message, advice and, where one field can be corrected, its value: sealed, for it may quote an address.
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster_import", "position"], name="roster_problem_at_its_place")
        ]

    def __str__(self) -> str:
        return str(self.id)


class RosterDifference(models.Model):
    """One person, class or other record that the import would add, change or end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    roster_import = models.ForeignKey(
        RosterImport, on_delete=models.CASCADE, related_name="differences", db_index=False
    )
    position = models.PositiveIntegerField()
    group = models.CharField(max_length=12, choices=Group)
    change = models.CharField(max_length=12, choices=Change)
    label = models.CharField(max_length=300)
    # [{"field": "family_name", "before": "Kos", "after": "Novak"}]; never an address.
    details = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster_import", "position"], name="roster_difference_at_its_place")
        ]

    def __str__(self) -> str:
        return str(self.id)
