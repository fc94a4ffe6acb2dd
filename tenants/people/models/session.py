from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class SchoolSession(AbstractBaseSession):
    """Sessions of one school, in that school's schema: worth nothing in another."""

    user_id = models.UUIDField(null=True)
    # For the person's own list of sessions; null before the login.
    began_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=80, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["user_id"], name="session_of_user")]
