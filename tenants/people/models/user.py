from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from uuid_utils.compat import uuid7

from tenants.backend.current import connection
from tenants.profiles import profile_of


class People(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").lower())


class User(AbstractBaseUser):
    """A person of this school: staff, guardian or pupil. The id is also the gate's subject."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=64)
    given_name = models.CharField(max_length=80)
    middle_name = models.CharField(max_length=80, blank=True)
    family_name = models.CharField(max_length=80)
    language = models.CharField(max_length=8)
    # Once somebody chose it, a roster no longer changes it.
    language_chosen_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    # The roster's own id (OneRoster sourcedId); null for people the roster does not know.
    sourced_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    date_of_birth = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Since the last visit; shown at the next one (ACC-9).
    failed_logins = models.PositiveIntegerField(default=0, db_default=0)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["given_name", "family_name", "language"]
    objects = People()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["username"], name="user_username_once"),
            models.UniqueConstraint(fields=["sourced_id"], name="user_sourced_id_once"),
            models.CheckConstraint(condition=models.Q(username__regex=r"^[a-z0-9._-]+$"), name="user_username_plain"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def full_name(self) -> str:
        """In the order that is usual in the school's country."""
        parts = {"given": self.given_name, "middle": self.middle_name, "family": self.family_name}
        order = profile_of(connection.tenant.country).name_order
        return " ".join(parts[part] for part in order if parts[part])
