from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from tenants.people.models.user import User


class Relation(models.TextChoices):
    PARENT = "parent", _("Parent")
    GUARDIAN = "guardian", _("Legal guardian")
    RELATIVE = "relative", _("Relative")
    OTHER = "other", _("Other")


class Guardianship(models.Model):
    """That a guardian acts for a pupil. Ended ones stay, inactive."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    guardian = models.ForeignKey(User, on_delete=models.CASCADE, related_name="wards", db_index=False)
    pupil = models.ForeignKey(User, on_delete=models.CASCADE, related_name="guardians")
    relation = models.CharField(max_length=16, choices=Relation, default=Relation.PARENT)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guardian", "pupil"], name="guardianship_once"),
            models.CheckConstraint(condition=~models.Q(guardian=models.F("pupil")), name="guardianship_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} {self.pupil_id}"
