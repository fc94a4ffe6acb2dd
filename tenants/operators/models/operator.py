from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from uuid_utils.compat import uuid7


class Operators(BaseUserManager["Operator"]):
    def get_by_natural_key(self, username: str | None) -> "Operator":
        return self.get(username=(username or "").lower())


class Operator(AbstractBaseUser):
    """A member of the vendor's staff. Never the same table as a school's people."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=8, default="en", db_default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Since the last visit; shown at the next one (ACC-9).
    failed_logins = models.PositiveIntegerField(default=0, db_default=0)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = Operators()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["username"], name="operator_username_once"),
            models.CheckConstraint(
                condition=models.Q(username__regex=r"^[a-z0-9._-]+$"), name="operator_username_plain"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
